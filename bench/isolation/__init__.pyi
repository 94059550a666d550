from .nursery import Nursery as Nursery
from .nursery import run as run
from .slot import Slot as Slot
