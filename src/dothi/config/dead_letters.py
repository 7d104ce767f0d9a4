"""What `dothi observations dead-letters` does."""

from dothi.config.environment import Environment
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.deadletters import service
from dothi.core.observations.deadletters.types import DeadLetter


def list_newest(_environment: Environment, *, limit: int) -> list[DeadLetter]:
    """List what could not be used, the newest first."""
    return service.list_newest(SYSTEM, limit=limit)
