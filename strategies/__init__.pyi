from .parameters import parameter as parameter
from .run import BudgetExhausted as BudgetExhausted
from .run import InvalidCandidate as InvalidCandidate
from .run import Remaining as Remaining
from .run import Run as Run
from .strategy import Strategy as Strategy
