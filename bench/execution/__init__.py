"""One run in one process, with limits that hold whatever the strategy does.

    coordinator ── fork server ── supervisor ── worker

The *coordinator* (the command, or a Dask worker) starts one *fork server*, a single-threaded process with everything
preloaded. It forks a *supervisor* for each run that may go on at a time. A supervisor forks the *worker* that loads the
strategy and searches; it reads the run's clocks, watches its deadlines, adopts its orphans, and leaves nothing alive.
The worker reports its improvements to the coordinator directly, over a pipe. Each believes only those to its left.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
