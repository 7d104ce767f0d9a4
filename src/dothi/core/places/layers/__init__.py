"""Layers: datasets of features that departments keep, each with its revisions."""
