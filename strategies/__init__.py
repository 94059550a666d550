"""How it is searched: one strategy a file, listed by name in `strategies.registry`."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
