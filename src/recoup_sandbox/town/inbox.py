"""The doors to the mailbox: pages for people, JSON for tests."""

from dataclasses import asdict, fields
from typing import Any

from recoup_sandbox.http_messages import BadRequest, Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.town import inbox_pages
from recoup_sandbox.town.mailbox import PAGE_MAX, Mailbox, MailFault


class Inbox:
    """Answers `/inbox` and `/_practice/mail-faults`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def register(self, routes: Routes) -> None:
        routes.add("GET", "/", self._home)
        routes.add("GET", "/inbox", self._list)
        routes.add("GET", "/inbox.json", self._list_json)
        routes.add("DELETE", "/inbox", self._empty)
        routes.add("POST", "/inbox/delete", self._empty_by_form)
        routes.add("GET", "/inbox/{id}/html", self._html)
        routes.add("GET", "/inbox/{id}", self._read)
        routes.add("POST", "/_practice/mail-faults", self._add_fault)
        routes.add("DELETE", "/_practice/mail-faults", self._remove_faults)

    async def _home(self, request: Request) -> Response:
        return Response(303, b"", headers=(("Location", "/inbox"),))

    async def _list(self, request: Request) -> Response:
        asked = request.query_values()
        to, is_paused = asked.get("to", "").strip(), asked.get("pause") == "1"
        mails = self._mailbox.list(to=to or None)
        html = inbox_pages.list_page(mails, total=self._mailbox.count(), to=to, is_paused=is_paused)
        return page(html, refresh=not is_paused)

    async def _list_json(self, request: Request) -> Response:
        """`?to=&subject=&after=&limit=&whole=1`: newest first; `whole` brings texts and headers along."""
        asked = request.query_values()
        mails = self._mailbox.list(
            to=asked.get("to") or None,
            subject=asked.get("subject") or None,
            after=_number(asked.get("after"), 0),
            limit=min(_number(asked.get("limit"), PAGE_MAX), 10_000),
        )
        if asked.get("whole") == "1":
            mails = [whole for mail in mails if (whole := self._mailbox.read(mail["id"]))]
        return json_response({"mails": mails, "total": self._mailbox.count()})

    async def _read(self, request: Request) -> Response:
        name, _, form = request.parts["id"].partition(".")
        mail = self._mailbox.read(int(name)) if name.isdigit() else None
        if form == "json":
            return json_response(mail) if mail else json_response({"error": {"message": "no such mail"}}, status=404)
        return page(inbox_pages.mail_page(mail)) if mail else page(inbox_pages.nothing_page(), status=404)

    async def _html(self, request: Request) -> Response:
        name = request.parts["id"]
        mail = self._mailbox.read(int(name)) if name.isdigit() else None
        if not mail or mail["html"] is None:
            return page(inbox_pages.nothing_page(), status=404)
        html = inbox_pages.mail_html(mail["html"], self._mailbox.embedded(mail["id"]))
        return page(html, policy=inbox_pages.MAIL_POLICY)

    async def _empty(self, request: Request) -> Response:
        return refuse_strangers(request) or json_response({"deleted": self._mailbox.empty()})

    async def _empty_by_form(self, request: Request) -> Response:
        stranger = refuse_strangers(request)
        if stranger:
            return stranger
        self._mailbox.empty()
        return Response(303, b"", headers=(("Location", "/inbox"),))

    async def _add_fault(self, request: Request) -> Response:
        told: dict[str, Any] = request.json()
        known = [one.name for one in fields(MailFault)]
        if set(told) - set(known):
            return json_response({"error": {"message": f"a mail fault has {', '.join(known)}"}}, status=400)
        fault = MailFault(**told)
        self._mailbox.faults.append(fault)
        return refuse_strangers(request) or json_response(asdict(fault))

    async def _remove_faults(self, request: Request) -> Response:
        gone = len(self._mailbox.faults)
        self._mailbox.faults.clear()
        return json_response({"removed": gone})


def _number(text: str | None, default: int) -> int:
    if not text:
        return default
    if not text.isdigit():
        raise BadRequest(f"not a number: {text}")
    return int(text)


def page(html: str, *, status: int = 200, refresh: bool = False, policy: str = inbox_pages.PAGE_POLICY) -> Response:
    """A page of the town's own."""
    headers = [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
    ]
    if refresh:
        headers.append(("Refresh", str(inbox_pages.REFRESH_S)))
    return Response(status, html.encode(), content_type="text/html; charset=utf-8", headers=tuple(headers))
