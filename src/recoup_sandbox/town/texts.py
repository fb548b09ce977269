"""The town's telephone network: takes texts as a gateway does, and shows what each phone got. Nothing is sent on."""

import sqlite3
import time
from typing import Any

from recoup_sandbox.http_messages import BadRequest, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town import inbox, inbox_pages

SHOWN_MAX = 100


class Texts:
    """Answers `/texts` and `/_practice/texts`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/texts", self._look)
        routes.add("GET", "/texts.json", self._look_json)
        routes.add("POST", "/_practice/texts", self._take)

    async def _take(self, request: Request) -> Response:
        """`{"to", "text", "ref"}`: the phone with that number shows the text. The same `ref` is taken once."""
        told = request.json()
        if set(told) != {"to", "text", "ref"} or not all(isinstance(value, str) for value in told.values()):
            raise BadRequest("a text has to, text and ref")
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        self._database.execute(
            "INSERT INTO texts (at, number, words, ref) VALUES (?, ?, ?, ?) ON CONFLICT (ref) DO NOTHING",
            (time.time(), told["to"], told["text"], told["ref"]),
        )
        return json_response({"ref": told["ref"]}, status=201)

    async def _look(self, request: Request) -> Response:
        page = inbox_pages.texts_page(self._shown(request.query_values().get("to", "").strip()))
        return refuse_strangers(request) or inbox.page(page, refresh=True)

    async def _look_json(self, request: Request) -> Response:
        shown = self._shown(request.query_values().get("to", "").strip())
        return refuse_strangers(request) or json_response({"texts": shown})

    def _shown(self, number: str) -> list[dict[str, Any]]:
        """Newest first."""
        rows = self._database.execute(
            "SELECT id, at, number, words FROM texts WHERE ? IN ('', number) ORDER BY id DESC LIMIT ?",
            (number, SHOWN_MAX),
        ).fetchall()
        return [{"id": row["id"], "at": row["at"], "to": row["number"], "text": row["words"]} for row in rows]
