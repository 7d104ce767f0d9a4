"""Reading the record: a syntax tree of what is asked, compiled to one SQL statement that PostgreSQL answers as JSON."""

from dothi.core.observations.query.fetch import fetch, fetch_stored, find_rows
from dothi.core.observations.query.statement import Place, entity_of, read_reference, shape_of

__all__ = ["Place", "entity_of", "fetch", "fetch_stored", "find_rows", "read_reference", "shape_of"]
