"""Where the first run begins: the address that `dothi up` prints as long as there is no administrator."""

import http.client
from urllib.parse import quote


def find_address(port: int, token: str) -> str | None:
    """Give the address of the welcome page, if the web process on a port still opens it for the token."""
    path = f"/welcome/?token={quote(token)}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("HEAD", path)
        is_open = connection.getresponse().status == http.client.FOUND
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return f"http://127.0.0.1:{port}{path}" if is_open else None
