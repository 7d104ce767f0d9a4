"""Making, changing and deleting entities of the record, each with all that goes along, in one transaction."""

from dothi.core.observations.entities.change import change
from dothi.core.observations.entities.create import create, create_all
from dothi.core.observations.entities.documents import lock_entity, read_document
from dothi.core.observations.entities.features import ensure_features, find_features, find_place, resolve_features
from dothi.core.observations.entities.owners import find_owners
from dothi.core.observations.entities.remove import remove
from dothi.core.observations.entities.store import is_beyond

__all__ = [
    "change", "create", "create_all", "ensure_features", "find_features", "find_owners", "find_place", "is_beyond",
    "lock_entity", "read_document", "remove", "resolve_features",
]  # fmt: skip
