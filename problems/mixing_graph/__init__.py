"""The family `mixing-graph`: which devices exchange models in every iteration, so that they still mix well."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
