from .menu import Menu as Menu
from .problem import FederatedRoundProblem as FederatedRoundProblem
