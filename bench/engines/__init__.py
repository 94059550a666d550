"""Engines: make many runs and hand back their records. Where they are made is one argument."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
