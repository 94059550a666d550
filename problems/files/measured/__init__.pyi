from .combining import Network as Network
from .combining import combine as combine
from .files import read_all as read_all
from .filling import Rules as Rules
from .filling import fill as fill
from .problem import Wishes as Wishes
from .problem import problem_of as problem_of
from .reading import Units as Units
