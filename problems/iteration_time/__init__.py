"""Simulated seconds of one training iteration: what an allocation costs beyond the formal model."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
