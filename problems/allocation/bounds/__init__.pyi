from .joint_bound import joint as joint
from .terms import boundaries as boundaries
from .terms import data_parallel as data_parallel
from .terms import pipeline as pipeline
from .terms import separate as separate
