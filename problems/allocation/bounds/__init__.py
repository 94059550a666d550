"""Lower bounds that hold for every allocation of a problem: `separate` at once, `joint` with some seconds to spend."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
