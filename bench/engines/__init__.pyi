from .events import Event as Event
from .events import Finished as Finished
from .events import Improved as Improved
from .events import Planned as Planned
from .events import Started as Started
from .local import run_all as run_all
