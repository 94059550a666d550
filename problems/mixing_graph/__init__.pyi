from .options import MixingGraphOptions as MixingGraphOptions
from .problem import MixingGraphProblem as MixingGraphProblem
