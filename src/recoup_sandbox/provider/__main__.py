"""`python -m recoup_sandbox.provider`: the practice payment provider in its own process, on loopback.

Environment: RECOUP_SANDBOX_DIR, RECOUP_PROVIDER_PORT (12111), RECOUP_HEARTBEAT_DIR.
"""

import asyncio
import os

from recoup_sandbox import program
from recoup_sandbox.http_messages import Request, Response, json_response
from recoup_sandbox.http_server import Routes, serve
from recoup_sandbox.provider.api import Api
from recoup_sandbox.provider.errors import unknown_route
from recoup_sandbox.provider.practice import Practice
from recoup_sandbox.provider.world import keep_moving, open_world

NAME = "provider"
PORT = 12111


async def run() -> None:
    """Serve until told to stop."""
    world = open_world(program.directory())
    routes = Routes()
    Api(world).register(routes)
    Practice(world).register(routes)
    routes.add("GET", "/healthz", _healthy)

    async def answer(request: Request) -> Response:
        handler = routes.find(request)
        if handler is None:
            error = unknown_route(request.method, request.path)
            return Response(error.status, error.body())
        return await handler(request)

    server = await serve(answer, port=program.port("RECOUP_PROVIDER_PORT", PORT))
    program.announce(NAME, url=f"http://127.0.0.1:{server.port}")
    try:
        await program.run_until_told(NAME, keep_moving(world))
    finally:
        await server.stop()
        await world.courier.stop()
        world.store.close()


async def _healthy(_request: Request) -> Response:
    return json_response({"ok": True, "program": NAME, "pid": os.getpid()})


if __name__ == "__main__":
    program.set_up_logging()
    asyncio.run(run())
