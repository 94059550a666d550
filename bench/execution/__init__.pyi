from .fork_server_client import ForkServer as ForkServer
from .fork_server_client import Session as Session
from .fork_server_client import run as run
from .outcome import never_started as never_started
from .slot import Slot as Slot
