from .grid import Allocation as Allocation
from .problem import AllocationProblem as AllocationProblem
