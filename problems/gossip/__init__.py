"""Which device runs which rank of a mixing schedule: seconds of an iteration of gossip training, in the long run."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
