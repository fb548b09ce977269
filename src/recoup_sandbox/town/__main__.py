"""`python -m recoup_sandbox.town`: the merchants' order system, the mail catcher and its pages, on loopback.

Environment: RECOUP_SANDBOX_DIR, RECOUP_TOWN_PORT (12112), RECOUP_SMTP_PORT (12125), RECOUP_TOWN_SEED (a JSON file with
shops and orders), RECOUP_HEARTBEAT_DIR.
"""

import asyncio
import os
from pathlib import Path

from recoup_sandbox import program
from recoup_sandbox.http_messages import Request, Response, json_response
from recoup_sandbox.http_server import Routes, serve
from recoup_sandbox.town import mailbox
from recoup_sandbox.town.company_doors import CompanyDoors
from recoup_sandbox.town.inbox import Inbox
from recoup_sandbox.town.order_books import OrderBooks, open_town
from recoup_sandbox.town.order_desk import OrderDesk
from recoup_sandbox.town.phones import Phones
from recoup_sandbox.town.server_room import ServerRoom
from recoup_sandbox.town.texts import Texts

NAME = "town"
PORT, SMTP_PORT = 12112, 12125


async def run() -> None:
    """Serve until told to stop."""
    database = open_town(program.directory())
    caught, desk, routes = mailbox.Mailbox(database), OrderDesk(OrderBooks(database)), Routes()
    if seed := os.environ.get("RECOUP_TOWN_SEED"):
        desk.load(Path(seed))
    desk.register(routes)
    Inbox(caught).register(routes)
    Phones(database).register(routes)
    Texts(database).register(routes)
    CompanyDoors(database).register(routes)
    ServerRoom(database).register(routes)
    routes.add("GET", "/healthz", _healthy)

    async def answer(request: Request) -> Response:
        handler = routes.find(request)
        if handler is None:
            return json_response({"error": {"message": f"nothing at {request.method} {request.path}"}}, status=404)
        return await handler(request)

    server = await serve(answer, port=program.port("RECOUP_TOWN_PORT", PORT))
    post_office, smtp_port = await mailbox.listen(caught, port=program.port("RECOUP_SMTP_PORT", SMTP_PORT))
    program.announce(NAME, url=f"http://127.0.0.1:{server.port}", smtp=f"smtp://127.0.0.1:{smtp_port}")
    try:
        await program.run_until_told(NAME)
    finally:
        post_office.close()
        await server.stop()
        database.close()


async def _healthy(_request: Request) -> Response:
    return json_response({"ok": True, "program": NAME, "pid": os.getpid()})


if __name__ == "__main__":
    program.set_up_logging()
    asyncio.run(run())
