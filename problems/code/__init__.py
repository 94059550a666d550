"""What code is, whatever it is called and wherever it stands: the identity that results and compiled code go by."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
