"""Reading the record: a syntax tree of what is asked, compiled to one SQL statement that PostgreSQL answers as JSON."""

from dothi.core.observations.query.fetch import fetch, find_rows
from dothi.core.observations.query.statement import entity_of, read_reference

__all__ = ["entity_of", "fetch", "find_rows", "read_reference"]
