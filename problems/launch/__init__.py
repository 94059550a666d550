"""From an allocation to files that a launcher takes: ranks, hosts with their GPUs, and what keeps the order."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
