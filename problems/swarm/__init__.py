"""Stochastic pipelines: which devices serve which stage, any number each, and who stays out (after SWARM)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
