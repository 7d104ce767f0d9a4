"""What is for the eyes of whoever asks, while a request lasts: light, so that it is there before tipg is loaded."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

seen: ContextVar[Mapping[str, Any]] = ContextVar("seen")
"""tipg's collections by name."""
