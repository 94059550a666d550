from .menu import Menu as Menu
from .options import AtomOptions as AtomOptions
from .problem import AtomProblem as AtomProblem
