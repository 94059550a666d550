from .options import SwarmOptions as SwarmOptions
from .problem import SwarmProblem as SwarmProblem
