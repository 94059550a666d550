"""The contract that every strategy keeps to, and the kit that checks it.

`tasklet-bench check STRATEGY` and the test class that authors inherit judge by one and the same clauses::

    from tasklet_bench.bench.contract import StrategyContract


    class TestMine(StrategyContract):
        strategy = "mine.py:Mine"
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
