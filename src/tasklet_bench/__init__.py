"""Tasklet Bench: a benchmark suite for searches that place the training of foundation models on distributed devices.

What a plug-in needs stands here, and is imported when it is first used.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
