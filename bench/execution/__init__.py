"""One run in one process, with limits that hold whatever the strategy does.

Who is who: the *coordinator* (the command, or a Dask worker) starts one *nursery*, a single-threaded process with
everything preloaded. The nursery forks a *warden* for each run that may go on at a time. A warden forks the *child*
that loads the strategy and searches; it watches the child's deadlines, adopts its orphans, and leaves nothing alive.
The child tells its improvements to the coordinator directly, over a pipe.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
