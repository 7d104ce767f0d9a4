"""Measurements of Dothi against peers and limits; one module each, run by `python -m bench NAME`."""
