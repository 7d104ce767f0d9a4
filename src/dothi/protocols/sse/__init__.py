"""Server-Sent Events: the live view as a stream that a browser can resume."""
