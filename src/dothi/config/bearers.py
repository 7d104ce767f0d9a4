"""The sign-on server of the settings, as the machines' door checks its tokens."""

from dothi.config.environment import Environment
from dothi.config.oidc import PROVIDER
from dothi.core.accounts.bearer import Bearer


def bearer_of(environment: Environment) -> Bearer | None:
    """Give what checks the server's tokens, None where the settings name no server."""
    if not environment.oidc_issuer:
        return None
    return Bearer(environment.oidc_issuer, audience=environment.oidc_client_id, provider=PROVIDER)
