from .identity import Identity as Identity
from .identity import identify as identify
from .private_folder import private_folder as private_folder
from .sealed import read_sealed as read_sealed
from .sealed import sealed as sealed
from .sources import Sources as Sources
