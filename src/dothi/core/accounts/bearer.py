"""People at the machines' door by a token of the OpenID Connect server (RFC 6750, RFC 7519)."""

import asyncio
import time
from typing import Any, Final
from urllib.request import Request, urlopen

import jwt
import msgspec

from dothi.core.accounts import service as accounts
from dothi.core.accounts.apart import apart
from dothi.core.accounts.store import people
from dothi.core.accounts.types import Actor
from dothi.kernel.errors import Unauthenticated, Unavailable

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key pair alone: what a shared secret signs could be written by whoever checks it."""
CLAIMS: Final = ("exp", "iss", "aud", "sub")
LEEWAY_S: Final = 30
"""How far the server's clock and ours may be apart, in wall seconds."""
REFRESH_S: Final = 60.0
"""After so long the server's keys are asked for again where a token names one that is not known: never more often."""
PATIENCE_S: Final = 5.0
LARGEST_ANSWER: Final = 1_000_000
LONGEST: Final = 16_000
_UNKNOWN: Final = "the token is not valid"


def is_signed(token: str) -> bool:
    """Tell whether a bearer token is a signed one, and no machine key: that has one dot."""
    return token.count(".") == 2 and len(token) <= LONGEST


class Bearer:
    """Gives the person behind a token of one server: whoever has signed in by that server before.

    The token must be signed by the server, be made for Dothi (`audience` is its client id) and not have expired. What
    the person may do is asked of the record each time, so that a grant taken away is gone at once. Nobody gets an
    account by a token.
    """

    def __init__(self, issuer: str, *, audience: str, provider: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._provider = provider
        self._keys: dict[str, jwt.PyJWK] = {}
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def actor_of(self, token: str) -> Actor:
        """Give the person. Raises Unauthenticated, in the same words whatever is wrong, Unavailable."""
        subject = await self._subject_of(token)
        found = await apart(people.find_by_account)(self._provider, subject)
        if found is None:
            raise Unauthenticated(_UNKNOWN)
        return await apart(accounts.person)(found.id, label=found.username, grants=found.grants)

    async def _subject_of(self, token: str) -> str:
        try:
            name = str(jwt.get_unverified_header(token).get("kid", ""))
            key = await self._key(name)
            claims = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self._audience,
                issuer=self._issuer,
                leeway=LEEWAY_S,
                options={"require": list(CLAIMS)},
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated(_UNKNOWN) from error
        return str(claims["sub"])

    async def _key(self, name: str) -> jwt.PyJWK:
        async with self._asking:
            if name not in self._keys and time.monotonic() - self._asked_at >= REFRESH_S:
                self._keys = await asyncio.to_thread(_fetch_keys, self._issuer)
                self._asked_at = time.monotonic()
        found = self._keys.get(name)
        if found is None:
            raise Unauthenticated(_UNKNOWN)
        return found


def _fetch_keys(issuer: str) -> dict[str, jwt.PyJWK]:
    """Give the server's keys by their names (OpenID Connect Discovery 1.0). Raises Unavailable."""
    try:
        about = _fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
        keys = jwt.PyJWKSet.from_dict(_fetch(str(about["jwks_uri"]))).keys
    except (OSError, KeyError, TypeError, msgspec.MsgspecError, jwt.PyJWTError, ValueError) as error:
        raise Unavailable("tokens can't be checked now: the sign-on server does not answer") from error
    return {str(key.key_id or ""): key for key in keys if key.public_key_use in (None, "sig")}


def _fetch(url: str) -> dict[str, Any]:
    if not url.startswith(("https://", "http://")):
        raise ValueError("an OpenID Connect server is at http:// or https://")
    asked = Request(url, headers={"Accept": "application/json"})  # noqa: S310  the scheme was looked at
    with urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310
        return msgspec.json.decode(answer.read(LARGEST_ANSWER), type=dict[str, Any])
