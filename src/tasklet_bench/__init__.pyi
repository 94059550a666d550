from .bench.campaigns.solver import solve as solve
from .bench.contract import ProblemContract as ProblemContract
from .bench.contract import StrategyContract as StrategyContract
from .problems.candidate import Infeasible as Infeasible
from .problems.candidate import InvalidCandidate as InvalidCandidate
from .problems.decisions import Choice as Choice
from .problems.decisions import Graph as Graph
from .problems.decisions import Grouping as Grouping
from .problems.decisions import Partition as Partition
from .problems.decisions import Permutation as Permutation
from .problems.decisions import Product as Product
from .problems.decisions import Tree as Tree
from .problems.loading import load_problem as load_problem
from .problems.problem import Cost as Cost
from .problems.problem import Placement as Placement
from .problems.problem import Problem as Problem
from .problems.topology import Site as Site
from .strategies.run import BudgetExhausted as BudgetExhausted
from .strategies.run import Run as Run
from .strategies.strategy import Strategy as Strategy

__version__: str
