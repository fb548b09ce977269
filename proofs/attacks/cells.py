"""The cells of the matrix on a running house: real keys and people, real cases of two companies, and what is absent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import requests

from proofs.attacks import matrix
from proofs.attacks.ground import Case, Ground, Tenant
from proofs.attacks.matrix import Row

#: The same on each request, so that answers can be compared byte for byte.
ONE_ID = {"X-Request-Id": "one-and-the-same"}
#: What pages write anew each time: tokens of forms and of the security policy, and the address that was asked for.
_FRESH = re.compile(
    rb'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|content="[A-Za-z0-9]{64}"|hx-headers=\'[^\']*\''
)
#: These end what they are done to, so each gets something new.
_ENDS = ("DELETE", "rotate", "revoke")


@dataclass(slots=True)
class Things:
    """What a company has, for the words in braces of an address."""

    ground: Ground
    tenant: Tenant
    _known: dict[str, str] = field(default_factory=dict)
    _case: Case | None = None
    _paid: Case | None = None

    @property
    def case(self) -> Case:
        """A case that waits for a person."""
        if self._case is None:
            self._case = self.tenant.waiting_case()
        return self._case

    @property
    def paid(self) -> Case:
        """A case that was approved at once."""
        if self._paid is None:
            self._paid = self.tenant.case()
        return self._paid

    def address(self, row: Row) -> str:
        """The row's address with things of this company."""
        names = re.findall(r"\{(\w+)\}", row.path)
        fresh = row.method == "DELETE" or any(word in row.path for word in _ENDS)
        return row.path.format(**{name: self._of(name, row, fresh=fresh) for name in names})

    def known(self, row: Row) -> str:
        """The row's address with things that were made before."""
        names = re.findall(r"\{(\w+)\}", row.path)
        for name in names:
            if name not in self._known and not (name == "number" and not row.is_api):
                self._known[name] = self._made(name)
        own = {name: self._known.get(name, "") for name in names}
        return row.path.format(**(own if row.is_api else own | {"number": self.number(row)}))

    def number(self, row: Row) -> str:
        """The case that the row is about: the one with a payment, or the one that waits."""
        return self.paid.number if "{payout_id}" in row.path else self.case.number

    def _of(self, name: str, row: Row, *, fresh: bool) -> str:
        if name == "number" and not row.is_api:
            return self.number(row)
        if fresh:
            return self._made(name)
        if name not in self._known:
            self._known[name] = self._made(name)
        return self._known[name]

    def _made(self, name: str) -> str:
        match name:
            case "case_id":
                return str(self.case.id)
            case "number":
                return self._order()
            case "key_id":
                self.tenant.new_key("keys:write")
                sql = "SELECT id FROM access_apikey WHERE merchant_id = %s ORDER BY created_at DESC, id DESC LIMIT 1"
                return str(self.ground.rows(sql, self.tenant.id)[0][0])
            case "endpoint_id":
                body = {"url": f"{hook(self.ground)}-{uuid4().hex}", "event_types": ["refund.submitted"]}
                made = self._told("/api/v1/webhook-endpoints", body)
                # The shop's server believes us from now on, so that nothing is tried again in the background.
                server = {"shop": body["url"].rsplit("/", 1)[1], "secret": made["secret"]}
                town = self.ground.house.running.town_url
                requests.post(f"{town}/_practice/hooks", json=server, timeout=10).raise_for_status()
                return made["id"]
            case "app_id":
                return self.tenant.new_app("server", "refunds:read")[0]
            case "delivery_id":
                path = f"/api/v1/webhook-endpoints/{self._known['endpoint_id']}/test"
                return self._told(path, None)["delivery_id"]
            case "deed":
                return "test"
            case "sku":
                self._order()
                return self._sku
            case "person_id":
                return str(self.tenant.hire("reviewer").person_id)
            case "invitation_id":
                return self._invitation()
            case "payout_id":
                found = self.ground.rows("SELECT id FROM payments_payout WHERE case_id = %s", self.paid.id)
                return str(found[0][0])
            case _:
                return self._of_the_platform(name)

    def _of_the_platform(self, name: str) -> str:
        """What operators' addresses name, and files."""
        if name in ("file_key", "run_id"):
            return self._file(name)
        if name == "rail_account_id":
            sql = "SELECT id FROM payments_railaccount WHERE merchant_id = %s LIMIT 1"
            return str(self.ground.rows(sql, self.tenant.id)[0][0])
        known = {"slug": self.tenant.slug, "company_id": str(self.tenant.id), "queue": "payouts"}
        return known.get(name, str(uuid4()))

    def tidy(self) -> None:
        """The company has no webhook endpoints left: other rows count theirs."""
        key, path = self.tenant.key(), "/api/v1/webhook-endpoints"
        for endpoint in self.ground.call("GET", path, key=key).json()["data"]:
            self.ground.call("DELETE", f"{path}/{endpoint['id']}", key=key)
        for name in ("endpoint_id", "delivery_id"):
            self._known.pop(name, None)

    @property
    def _sku(self) -> str:
        return f"cup-of-{self.tenant.slug}"

    def _order(self) -> str:
        """An order whose number and item the other company has not."""
        number = f"ORDER-OF-{self.tenant.slug}"
        line = {"sku": self._sku, "quantity": 1, "unit_price_minor": 1250}
        body = {"number": number, "placed_at": "2026-11-18T09:30:00+08:00", "currency": "GBP", "lines": [line]}
        self._told("/api/v1/orders", body)
        return number

    def _invitation(self) -> str:
        """Somebody new is invited by a manager, at the page; nobody takes it up."""
        manager, email = self.ground.sign_in(self.tenant.hire("manager")), f"{uuid4().hex}@{self.tenant.slug}.example"
        self.ground.post_form(manager, "/staff/members/invite", email=email, role="booth")
        sql = "SELECT id FROM identity_invitation WHERE merchant_id = %s AND email = %s"
        return str(self.ground.rows(sql, self.tenant.id, email)[0][0])

    def _file(self, name: str) -> str:
        """A file of orders is sent by a manager, at the page; for a run, put in line as well."""
        manager = self.ground.sign_in(self.tenant.hire("manager"))
        table = b"Order,Date,SKU,Price,Payment\nFILED-1,2026-11-18 09:30,CUP,12.50,ch_filed\n"
        form = {"csrfmiddlewaretoken": self.ground.form_token(manager)}
        upload = {"file": ("orders.csv", table, "text/csv")}
        answer = self.ground.call("POST", "/staff/orders", session=manager, data=form, files=upload)
        where = answer.headers["Location"]
        if name == "run_id":
            columns = {"number": "Order", "placed_at": "Date", "sku": "SKU", "unit_price": "Price"}
            answer = self.ground.post_form(
                manager, where, step="bring", charge_id="Payment", dates="", zone="Asia/Singapore", **columns
            )
            where = answer.headers["Location"]
        return where.rsplit("/", 1)[1]

    def _told(self, path: str, body: dict[str, Any] | None) -> dict[str, str]:
        answer = self.ground.call("POST", path, key=self.tenant.key(), **({} if body is None else {"json": body}))
        if not answer.ok:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
        return dict(answer.json())


@dataclass(slots=True)
class Nobodys:
    """Things that are not there."""

    @staticmethod
    def address(row: Row) -> str:
        """The row's address with things that nobody has."""
        from recoup.kernel import ids

        number = "ORDER-OF-NOBODY" if row.is_api else ids.case_number()
        names = re.findall(r"\{(\w+)\}", row.path)
        return row.path.format(**{name: number if name == "number" else str(uuid4()) for name in names})


class World:
    """Both companies' things, the bodies that the OpenAPI document gives as examples, and everybody who asks."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.own, self.other, self.absent = Things(ground, ground.one), Things(ground, ground.two), Nobodys()

    def tidy(self) -> None:
        """Nothing is left that other rows would trip over."""
        self.own.tidy()
        self.other.tidy()

    @cached_property
    def scopes(self) -> list[str]:
        from recoup.access import policies

        return sorted(policies.scopes())

    @cached_property
    def document(self) -> dict[str, Any]:
        return dict(self.ground.call("GET", "/api/v1/openapi.json").json())

    def body(self, row: Row) -> Any:
        """A body as the document shows it; what it names belongs to company one, and no key gets more than it has."""
        operation = self.document["paths"][row.path][row.method.lower()]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        body = dict(content["example"])
        if row.path == "/api/v1/refunds":
            order = self.ground.one.sofa_order()
            return body | {"order_number": order, "items": [{"sku": "sofa", "quantity": 1}]}
        if row.path == "/api/v1/keys":
            return body | {"scopes": ["keys:write"]}
        return body | {"url": hook(self.ground)} if "url" in body else body

    def ask(self, row: Row, address: str, *, key: str | None, url: str | None = None) -> requests.Response:
        """One request to the API with the example's body."""
        body = self.body(row)
        more = {} if body is None else {"json": body}
        return self.ground.call(row.method, address, key=key, url=url, headers=ONE_ID, **more)

    @cached_property
    def browsers(self) -> dict[str, requests.Session]:
        """Everybody who has an account, signed in: the staff of both companies, an operator, a shopper, a stranger."""
        ground = self.ground
        found = {f"{role} of one": ground.sign_in(ground.one.hire(role)) for role in matrix.ROLES}
        others = ("manager",) if ground.is_short else matrix.ROLES
        found |= {f"{role} of two": ground.sign_in(ground.two.hire(role)) for role in others}
        found["operator"] = ground.sign_in(ground.operator())
        for browser in found.values():
            ground.call("GET", "/review", session=browser)  # whoever has just signed in is greeted, once
        found["nobody"] = requests.Session()
        return found


def hook(ground: Ground) -> str:
    """An address in the practice town that webhooks may go to."""
    return f"{ground.house.running.town_url}/hooks/shop"


def world(ground: Ground) -> World:
    """The world of this ground: made once, for all rows of the matrix."""
    if ground.world is None:
        ground.world = World(ground)
    return ground.world  # type: ignore[no-any-return]


def same(first: requests.Response, second: requests.Response) -> bool:
    """Both say the same, but for what a page writes anew each time."""
    return first.status_code == second.status_code and bare(first) == bare(second)


def apart(first: requests.Response, second: requests.Response) -> str:
    """Where the two begin to differ, in a few words of each; empty when they say the same."""
    if same(first, second):
        return ""
    one, two = bare(first), bare(second)
    start = next((at for at, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), 0)
    cut = slice(max(0, start - 40), start + 60)
    return f"{first.status_code} {one[cut]!r} and {second.status_code} {two[cut]!r}"


def bare(answer: requests.Response) -> bytes:
    """The body without what is new each time, and without the words that were asked for."""
    asked = (answer.request.path_url or "").split("?")[0].encode()
    text = _FRESH.sub(b"", answer.content)
    for word in filter(None, asked.split(b"/")):
        text = text.replace(word, b"...") if len(word) > 5 else text
    return text


def each(rows: tuple[Row, ...], holds: Callable[[Row], bool]) -> Iterator[Row]:
    """Those rows, and what ends things last."""
    yield from sorted(filter(holds, rows), key=lambda row: any(w in f"{row.method} {row.path}" for w in _ENDS))
