"""The lamp's requests over HTTP, with its machine key."""

import json
from typing import Any, Final, cast
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

TIMEOUT_S: Final = 10
Json = dict[str, Any]


class NotYet(Exception):
    """The platform is not there, or asks to come back later."""


class Web:
    """One platform's web address, spoken to as one machine."""

    def __init__(self, url: str, *, key_id: str, key_secret: str) -> None:
        self._url = url.rstrip("/")
        # A device speaks to its platform itself, whatever proxy the machine it is simulated on has.
        self._opener = build_opener(ProxyHandler({}))
        self._headers = {"Authorization": f"Bearer {key_id}.{key_secret}", "Content-Type": "application/json"}

    def get(self, path: str) -> Json:
        """Read an address as JSON. Raises NotYet, or RuntimeError with the platform's refusal."""
        return self._send(path, None)

    def post(self, path: str, body: object) -> Json:
        """Send JSON. Raises NotYet, or RuntimeError with the platform's refusal."""
        return self._send(path, json.dumps(body, ensure_ascii=False).encode())

    def _send(self, path: str, body: bytes | None) -> Json:
        request = Request(self._url + path, data=body, headers=self._headers)  # noqa: S310 (the operator's own address)
        try:
            with self._opener.open(request, timeout=TIMEOUT_S) as answer:
                text = answer.read()
        except HTTPError as error:
            refusal = error.read().decode(errors="replace")[:500]
            if error.code >= 500:
                raise NotYet(f"{error.code}: {refusal}") from error
            raise RuntimeError(f"{request.get_method()} {path}: {error.code}: {refusal}") from error
        except (URLError, OSError) as error:
            raise NotYet(str(error)) from error
        return cast("Json", json.loads(text or b"{}"))
