"""The constraint program's parts: the problem in whole numbers, the model of one window, the sweep over windows."""
