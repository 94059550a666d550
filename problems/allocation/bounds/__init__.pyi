from .joint_bound import joint as joint
from .terms import ROUNDED_DOWN as ROUNDED_DOWN
from .terms import boundaries as boundaries
from .terms import data_parallel as data_parallel
from .terms import pipeline as pipeline
from .terms import separate as separate
