"""The paper's family of problems: allocations of tasklets to devices, scored by its formal cost model."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
