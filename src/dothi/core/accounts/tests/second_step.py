"""What an authenticator on a phone does, for tests."""

import re

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

ADDRESS = "/accounts/second-step/set-up/"


def code_of(secret: str, *, later: int = 0) -> str:
    """Give the code that an authenticator shows now, or up to one half minute before or after."""
    counters = list(yield_hotp_counters_from_time())
    code: str = format_hotp_value(hotp_value(secret, counters[len(counters) // 2 + later]))
    return code


def set_up(client: Client, *, password: str) -> str:
    """Turn the second step on for whoever is signed in, who is asked once more who they are; gives the secret."""
    assert client.get(ADDRESS).status_code == 302
    client.post("/sign-in/again/", {"password": password})
    page = client.get(ADDRESS)
    found = re.search(r"<code>([A-Z2-7]{16,})</code>", page.content.decode())
    assert found is not None
    answer = client.post(ADDRESS, {"code": code_of(found[1])})
    assert answer.status_code == 302
    return found[1]
