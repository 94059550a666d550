"""Allocation problems of very many devices: all that is computed looks at classes of devices, never at N×N pairs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
