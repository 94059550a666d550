"""The kinds of decisions, each with the operations by which any strategy can search it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
