from .devices import Devices as Devices
from .devices import devices_of as devices_of
from .model import compute_seconds as compute_seconds
from .model import message_bytes as message_bytes
from .model import parameters as parameters
from .model import sequence_flops as sequence_flops
from .network import Network as Network
from .overlap import Overlap as Overlap
