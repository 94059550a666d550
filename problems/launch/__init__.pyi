from .hosts_table import with_hosts as with_hosts
from .launchers import LAUNCHERS as LAUNCHERS
from .launchers import files_for as files_for
from .plan import Plan as Plan
from .plan import plan_launch as plan_launch
from .ranks import Rank as Rank
from .ranks import ranks as ranks
from .ranks import write_rank_map as write_rank_map
