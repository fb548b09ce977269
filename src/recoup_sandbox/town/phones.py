"""The phones of the town's people: each shows the six digits of an authenticator app (RFC 6238)."""

import base64
import hashlib
import hmac
import sqlite3
import time

from recoup_sandbox.http_messages import BadRequest, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town import inbox, inbox_pages

PERIOD_S = 30


class Phones:
    """Answers `/phones` and `/_practice/phones`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/phones", self._look)
        routes.add("GET", "/phones.json", self._look_json)
        routes.add("POST", "/_practice/phones", self._add)

    async def _look(self, request: Request) -> Response:
        page = inbox_pages.phones_page(self._shown(), seconds_left=PERIOD_S - int(time.time()) % PERIOD_S)
        return refuse_strangers(request) or inbox.page(page, refresh=True)

    async def _look_json(self, request: Request) -> Response:
        return refuse_strangers(request) or json_response({"phones": self._shown()})

    async def _add(self, request: Request) -> Response:
        """`{"email", "name", "secret"}`: from now on that person's phone shows the codes of that base32 secret."""
        told = request.json()
        if set(told) != {"email", "name", "secret"} or not all(isinstance(value, str) for value in told.values()):
            raise BadRequest("a phone has email, name and secret")
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        self._database.execute(
            "INSERT INTO phones (email, name, secret) VALUES (:email, :name, :secret) "
            "ON CONFLICT (email) DO UPDATE SET name = excluded.name, secret = excluded.secret",
            told,
        )
        return json_response({"email": told["email"]})

    def _shown(self) -> list[dict[str, str]]:
        rows = self._database.execute("SELECT email, name, secret FROM phones ORDER BY email").fetchall()
        now = time.time()
        return [{"email": row["email"], "name": row["name"], "code": code(row["secret"], at=now)} for row in rows]


def code(secret: str, *, at: float) -> str:
    """The six digits of that half minute (RFC 4226 section 5.3, RFC 6238 section 4)."""
    counter = int(at // PERIOD_S).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
