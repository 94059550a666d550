from .problem import SiteLevelProblem as SiteLevelProblem
from .problem import make_problem as make_problem
