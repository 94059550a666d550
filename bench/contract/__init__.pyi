from .checking import Verdict as Verdict
from .checking import check as check
from .clauses import CLAUSES as CLAUSES
from .testcase import StrategyContract as StrategyContract
