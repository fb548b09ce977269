"""The servers of the town's shops: they take webhooks, look whether they can be believed, and show what came in.

A shop's server knows its secret and nothing of Recoup: it does by hand what the Standard Webhooks specification says.
"""

import base64
import hashlib
import hmac
import sqlite3
import time
from typing import Any

import orjson

from recoup_sandbox.http_messages import BadRequest, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town import inbox, inbox_pages

TOLERANCE_S = 300
SHOWN_MAX = 200


class ServerRoom:
    """Answers `/hooks/{shop}`, `/hooks`, `/hooks.json` and `/_practice/hooks`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/hooks", self._look)
        routes.add("GET", "/hooks.json", self._look_json)
        routes.add("POST", "/hooks/{shop}", self._take)
        routes.add("POST", "/_practice/hooks", self._tell)

    async def _tell(self, request: Request) -> Response:
        """`{"shop", "secret", "answer"}`: from now on that shop's server knows this secret, and answers so (200)."""
        told: dict[str, Any] = request.json()
        if not {"shop", "secret"} <= set(told) <= {"shop", "secret", "answer"}:
            raise BadRequest("a shop's server has shop, secret and perhaps answer")
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        self._database.execute(
            "INSERT INTO servers (shop, secret, answer) VALUES (?, ?, ?) "
            "ON CONFLICT (shop) DO UPDATE SET secret = excluded.secret, answer = excluded.answer",
            (str(told["shop"]), str(told["secret"]), int(told.get("answer", 200))),
        )
        return json_response({"shop": told["shop"]})

    async def _take(self, request: Request) -> Response:
        row = self._database.execute(
            "SELECT secret, answer FROM servers WHERE shop = ?", (request.parts["shop"],)
        ).fetchone()
        if row is None:
            return json_response({"error": {"message": "no such shop"}}, status=404)
        problem = why_not_believed(request.headers, request.body, secret=row["secret"], at=time.time())
        self._database.execute(
            "INSERT INTO hooks (at, shop, message, body, problem) VALUES (?, ?, ?, ?, ?)",
            (time.time(), request.parts["shop"], request.headers.get("webhook-id", ""), request.body, problem),
        )
        if problem:
            return json_response({"error": {"message": problem}}, status=400)
        return json_response({"taken": True}, status=row["answer"])

    async def _look(self, request: Request) -> Response:
        stranger = refuse_strangers(request)
        return stranger or inbox.page(inbox_pages.hooks_page(self._shown()), refresh=True)

    async def _look_json(self, request: Request) -> Response:
        return refuse_strangers(request) or json_response({"hooks": self._shown()})

    def _shown(self) -> list[dict[str, Any]]:
        rows = self._database.execute("SELECT * FROM hooks ORDER BY id DESC LIMIT ?", (SHOWN_MAX,)).fetchall()
        return [{**row, "body": row["body"].decode("utf-8", "replace"), "told": _told(row["body"])} for row in
                map(dict, rows)]  # fmt: skip


def why_not_believed(headers: dict[str, str], body: bytes, *, secret: str, at: float) -> str:
    """Empty when the message was signed with the secret just now; else what is wrong with it."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not stamp.isascii() or not stamp.isdigit() or abs(at - int(stamp[:12])) > TOLERANCE_S:
        return "no id, or a time that is not now"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    right = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    given = (word.partition(",") for word in headers.get("webhook-signature", "").split())
    if any(
        version == "v1" and hmac.compare_digest(base64.b64encode(right).decode(), word) for version, _, word in given
    ):
        return ""
    return "no signature by this shop's secret"


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
