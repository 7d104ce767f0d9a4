"""Reading the record: a syntax tree of what is asked, compiled to one SQL statement that PostgreSQL answers as JSON."""

from dothi.core.observations.query.fetch import fetch

__all__ = ["fetch"]
