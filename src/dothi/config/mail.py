"""The outgoing mail server that the settings name, in Django's words."""

from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from dothi.config.environment import Environment

PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""The ways to a server, each with its usual port."""


class MailServer(NamedTuple):
    """Where letters go; without a host none are sent."""

    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    has_starttls: bool = False
    has_tls: bool = False


def server_of(environment: Environment) -> MailServer:
    """Read DOTHI_MAIL_URL. Raises ValueError that says what is wrong, also for a server without a sender's address."""
    if not environment.mail_url:
        return MailServer()
    parts = urlsplit(environment.mail_url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"DOTHI_MAIL_URL begins with {', '.join(f'{way}://' for way in PORTS)}, then the server")
    if "@" not in environment.mail_from:
        raise ValueError("DOTHI_MAIL_URL is set, so DOTHI_MAIL_FROM must be an address")
    return MailServer(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        has_starttls=parts.scheme == "smtp+starttls",
        has_tls=parts.scheme == "smtps",
    )
