"""What `dothi audit` does."""

from dothi.config.environment import Environment
from dothi.core.audit import service


def verify(_environment: Environment) -> int | None:
    """Give the number of the first entry of the audit log that does not hold, or None."""
    return service.find_break()
