from .identity import Identity as Identity
from .identity import identify as identify
from .private_folder import private_folder as private_folder
from .sources import Sources as Sources
