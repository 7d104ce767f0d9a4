"""Making entities of the record, with all that a deep insert brings along, in one transaction."""

from dothi.core.observations.entities.features import ensure_features, resolve_features
from dothi.core.observations.entities.insert import create

__all__ = ["create", "ensure_features", "resolve_features"]
