from .checking import Finding as Finding
from .checking import check as check
from .clauses import CLAUSES as CLAUSES
from .problem_testcase import ProblemContract as ProblemContract
from .testcase import StrategyContract as StrategyContract
