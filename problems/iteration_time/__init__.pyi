from .options import SimulationOptions as SimulationOptions
from .problem import IterationTimeProblem as IterationTimeProblem
from .simulation import simulate as simulate
from .text import render as render
from .timeline import Timeline as Timeline
