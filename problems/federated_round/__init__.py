"""Federated rounds: the tree that models travel along, the sub-model of each device, and who works on whose samples."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
