"""A server that answers without doing anything: the limit of the same web server on the same machine."""

import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def answer(request: Request) -> Response:
    """Read the body, answer 201."""
    await request.body()
    return Response(b'{"@iot.id":1}', 201, {"Location": "/"}, media_type="application/json")


if __name__ == "__main__":
    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)
