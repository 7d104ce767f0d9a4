"""Making entities of the record, with all that a deep insert brings along, in one transaction."""

from dothi.core.observations.entities.create import create, create_all
from dothi.core.observations.entities.features import ensure_features, resolve_features

__all__ = ["create", "create_all", "ensure_features", "resolve_features"]
