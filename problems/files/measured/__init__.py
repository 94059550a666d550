"""From what tools print to a problem file: read, combine, fill the gaps and flag them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
