"""The OpenID Connect server that the settings name, in the words of allauth."""

from typing import Final

from dothi.config.environment import Environment

PROVIDER: Final = "sso"
"""The server's name in addresses: what it is told to send people back to is /sign-in/sso/callback/."""


def providers_of(environment: Environment) -> list[dict[str, object]]:
    """Give the server as an application of allauth's provider; none where the settings name none.

    Raises ValueError for a server without a client id.
    """
    if not environment.oidc_issuer:
        return []
    if not environment.oidc_client_id:
        raise ValueError("DOTHI_OIDC_ISSUER is set, so DOTHI_OIDC_CLIENT_ID must be too")
    return [
        {
            "provider_id": PROVIDER,
            "name": environment.oidc_name,
            "client_id": environment.oidc_client_id,
            "secret": environment.oidc_client_secret,
            "settings": {"server_url": environment.oidc_issuer.rstrip("/")},
        }
    ]
