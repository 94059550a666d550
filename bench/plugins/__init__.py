"""One loader for strategies and problems, whatever they come from: the project, a file, or an installed package."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
