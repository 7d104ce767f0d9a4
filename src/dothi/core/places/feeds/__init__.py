"""Readers of what others say of areas and of the base map."""
