"""Finding by name, for the stores of packages above: the same steps and the same order for whatever has names."""

from dothi.core.places.store.naming import Named, find_ids

__all__ = ["Named", "find_ids"]
