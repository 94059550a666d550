from .fork_server_client import Nursery as Nursery
from .fork_server_client import run as run
from .slot import Slot as Slot
