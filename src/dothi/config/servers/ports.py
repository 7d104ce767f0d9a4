"""Looks whether a port of this machine is free."""

import errno
import socket

from dothi.config.servers.process import CannotStart


def check_free(port: int, purpose: str) -> None:
    """Check that a server could listen on a port of loopback. Raises CannotStart with what to do if not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise CannotStart(
                f"Port {port} (for {purpose}) {why}: choose another, --port N (it takes N, N+1 and N+2)."
            ) from None
