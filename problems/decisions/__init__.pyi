from .choice import Choice as Choice
from .decision import Decision as Decision
from .graph import Graph as Graph
from .grouping import Grouping as Grouping
from .grouping import Partition as Partition
from .permutation import Permutation as Permutation
from .product import Product as Product
from .tree import Tree as Tree
