"""Writes the pages of docs/reference from the code, so that they can't fall behind it."""
