"""Pure data parallelism with the whole model swapped through each card: who takes part, and how (after ATOM)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
