"""Fengqiao: the software of a federation of one-stop dispute and request centres."""

__version__ = "0.2.0"
