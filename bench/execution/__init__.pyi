from .fork_server_client import ForkServer as ForkServer
from .fork_server_client import Session as Session
from .fork_server_client import run as run
from .slot import Slot as Slot
