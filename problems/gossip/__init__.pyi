from .judge import judge_period_s as judge_period_s
from .options import GossipOptions as GossipOptions
from .problem import GossipProblem as GossipProblem
from .schedules import Schedule as Schedule
