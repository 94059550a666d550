from .memory import StageMemory as StageMemory
from .memory import report_memory as report_memory
from .options import TensorParallelOptions as TensorParallelOptions
from .problem import TensorParallelProblem as TensorParallelProblem
from .shapes import TensorShape as TensorShape
