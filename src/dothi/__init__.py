"""Dothi, the operating platform of a smart city."""

__version__ = "0.1.0"
