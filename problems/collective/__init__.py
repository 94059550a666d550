"""What families share whose devices hold a model each and exchange it: devices, models, names, files, cycle means."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
