"""Errors that domain code raises and that only views and protocols turn into status codes."""


class DothiError(Exception):
    """Something went wrong in a way the caller can be told about."""


class InvalidInput(DothiError):
    """The input breaks a rule; `place` names the part of it that does (a field path, a topic, a parameter)."""

    def __init__(self, message: str, *, place: str = "") -> None:
        super().__init__(message)
        self.place = place


class TooLarge(InvalidInput):
    """The input is larger than is taken."""


class NotFound(DothiError):
    """What was named does not exist, or may not be seen by whoever asks."""


class Unauthenticated(DothiError):
    """Nobody, or nobody known, asks for something that is not public."""


class Forbidden(DothiError):
    """Whoever asks is known and lacks the permission; `permission` names it."""

    def __init__(self, message: str, *, permission: str = "") -> None:
        super().__init__(message)
        self.permission = permission


class Conflict(DothiError):
    """The change contradicts what is stored."""


class PreconditionFailed(DothiError):
    """The change was to be made only of something that is no longer so."""


class Overloaded(DothiError):
    """A bounded queue is full; worth another try after `retry_after_s` seconds."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(DothiError):
    """A part that is needed (database, broker) can't be reached now."""
