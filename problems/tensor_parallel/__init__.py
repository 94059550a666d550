"""The shape of a model's parallelism (tensor mode × TP × PP × DP × micro-batch), and the device of each rank."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
