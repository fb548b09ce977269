"""The ground that attacks are made on: a private house with two companies, their keys, their people and their cases."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import requests
from requests.adapters import HTTPAdapter

from benchmarks import shop
from proofs import stock
from proofs.rig import PROJECT
from recoup.config.private_house import PrivateHouse

PASSWORD = "a sentence for the attackers"
ORDERS, SOFAS = 400, 120
REQUEST_S_MAX = 30.0
#: What the programs themselves write all the time, whoever asks for what.
RESTLESS = frozenset({"access_spent", "django_session", "identity_cache", "usersessions_usersession"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account. `secret` is that of their authenticator app."""

    person_id: UUID
    email: str
    password: str
    secret: str

    def code(self) -> str:
        """Six digits of this half minute. They are good once."""
        import pyotp

        return pyotp.TOTP(self.secret).now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case of a company, as an attacker may have heard of it."""

    id: UUID
    number: str
    order: str
    email: str


class Tenant:
    """A company with orders, keys and people."""

    def __init__(self, ground: Ground, slug: str, name: str) -> None:
        from recoup.config.replaying import company as companies

        running = ground.house.running
        self.slug, self.name, self._ground = slug, name, ground
        self._company = companies.ensure(
            slug=slug, name=name, policy=None, provider_url=running.provider_url, webhooks_to=running.web_url
        )
        self.id = self._company.id
        stock.take(self._company, list(stock.mug_orders(self._company, ORDERS)))
        stock.take(self._company, list(stock.sofa_orders(self._company, SOFAS)))
        companies.charge_all(self._company, provider_url=running.provider_url)
        self._mugs, self._sofas = itertools.count(1), itertools.count(1)
        self._keys: dict[tuple[str, ...], str] = {}

    def key(self, *scopes: str) -> str:
        """A key with exactly these scopes; all there are when none is named."""
        from recoup.access import keys

        asked = tuple(sorted(scopes or keys.SCOPES))
        if asked not in self._keys:
            self._keys[asked] = self.new_key(*asked)
        return self._keys[asked]

    def new_key(self, *scopes: str) -> str:
        """A key that nobody else uses."""
        from recoup.access import actions as access
        from recoup.kernel import clock

        _, secret = access.create_key(merchant_id=self.id, label="Attacks", scopes=scopes, by="attacks", at=clock.now())
        return secret

    def new_app(self, kind: str, *scopes: str, redirect_uris: tuple[str, ...] = ()) -> tuple[str, str]:
        """An app of the company that asks for tokens: its id and its secret."""
        from recoup.identity import actions as identity
        from recoup.kernel import clock

        app_id, secret = identity.create_app(
            merchant_id=self.id, name="Attacked", kind=kind, scopes=scopes, redirect_uris=redirect_uris,
            by="attacks", at=clock.now(),
        )  # fmt: skip
        return str(app_id), secret

    def hire(self, role: str) -> Person:
        """Somebody new works here in that role, with an authenticator app."""
        import pyotp

        from recoup.identity import actions as identity

        email, secret = f"{role}-{secrets.token_hex(5)}@{self.slug}.example", pyotp.random_base32()
        person_id = identity.add_member(
            merchant_id=self.id, email=email, name=role.title(), password=PASSWORD, role=role
        )
        identity.give_authenticator(person_id=person_id, secret=secret)
        return Person(person_id=person_id, email=email, password=PASSWORD, secret=secret)

    def order(self) -> str:
        """An order of four mugs, delivered two days ago, that no attack has used. Its shopper: `email_of`."""
        return f"P{next(self._mugs)}"

    def sofa_order(self) -> str:
        """An order of one sofa, too dear for the policy to decide alone."""
        return f"S{next(self._sofas)}"

    @staticmethod
    def email_of(order: str) -> str:
        """The address the order was bought with."""
        return f"shopper-{order.lower()}@example.com"

    def case(self) -> Case:
        """A new case that was approved at once."""
        return self._file(self.order(), "mug")

    def waiting_case(self) -> Case:
        """A new case that waits for a person to decide."""
        return self._file(self.sofa_order(), "sofa")

    def _file(self, order: str, sku: str) -> Case:
        body = {
            "order_number": order,
            "reason": "changed_mind",
            "goods_received": True,
            "email": self.email_of(order),
            "items": [{"sku": sku, "quantity": 1}],
        }
        answer = self._ground.call("POST", "/api/v1/refunds", key=self.key(), json=body)
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.text[:300]}")
        told = answer.json()
        return Case(id=UUID(told["id"]), number=told["number"], order=order, email=self.email_of(order))

    @property
    def rail_account_id(self) -> UUID:
        ((found,),) = self._ground.rows("SELECT id FROM payments_railaccount WHERE merchant_id = %s", self.id)
        return UUID(str(found))

    @property
    def webhook_secret(self) -> str:
        """What the provider signs this company's events with."""
        from recoup.access import sealing

        sql = "SELECT webhook_secret_sealed FROM payments_railaccount WHERE merchant_id = %s"
        ((sealed,),) = self._ground.rows(sql, self.id)
        return sealing.open_ours(bytes(sealed)).split()[0]


class Ground:
    """See the package's docstring. `is_short`: take a sample where the whole takes more than some seconds."""

    def __init__(self, house: PrivateHouse, *, is_short: bool) -> None:
        self.house, self.is_short = house, is_short
        self.url = house.running.web_url
        self.database = house.superuser()
        self.one = Tenant(self, "attacked", "Attacked")
        self.two = Tenant(self, "neighbours", "Neighbours")
        self.database.execute("VACUUM (ANALYZE)")
        #: What the rows of the matrix share (proofs/attacks/cells.py).
        self.world: Any = None

    @classmethod
    @contextlib.contextmanager
    def opened(cls, *, is_short: bool) -> Iterator[Ground]:
        """The ground, until the block ends; nothing of it is left then."""
        settings = {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'src'}"}
        with PrivateHouse(settings=settings) as house:
            shop.enter(house)
            ground = cls(house, is_short=is_short)
            try:
                yield ground
            finally:
                ground.leave()

    def leave(self) -> None:
        """Its own connection and Django's are closed, before the database that they lead to goes."""
        from django.db import connections

        connections.close_all()
        self.database.close()

    def operator(self) -> Person:
        """Somebody who runs the platform, with an authenticator app."""
        import pyotp

        from recoup.identity import actions as identity

        email, secret = f"operator-{secrets.token_hex(5)}@recoup.example", pyotp.random_base32()
        person_id = identity.add_operator(email=email, name="Operator", password=PASSWORD)
        identity.give_authenticator(person_id=person_id, secret=secret)
        return Person(person_id=person_id, email=email, password=PASSWORD, secret=secret)

    # Asking ----------------------------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        token: str | None = None,
        session: requests.Session | None = None,
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
        source: str | None = None,
        **more: Any,
    ) -> requests.Response:
        """One request, as it is; redirects are shown, not followed. Writing to the API brings an Idempotency-Key.

        `key` and `token` are sent as the bearer; `source` is the address of this machine that it comes from.
        """
        told = dict(headers or {})
        if bearer := key or token:
            told.setdefault("Authorization", f"Bearer {bearer}")
        if method == "POST" and path.startswith("/api/"):
            told.setdefault("Idempotency-Key", uuid4().hex)
        asker = session if session is not None else requests.Session()
        if source is not None:
            asker.mount("http://", _From(source))
        more.setdefault("timeout", REQUEST_S_MAX)
        return asker.request(method, f"{url or self.url}{path}", headers=told, allow_redirects=False, **more)

    def form_token(self, session: requests.Session, *, url: str | None = None) -> str:
        """The token that forms of this browser carry."""
        page = session.get(f"{url or self.url}/account/login/", timeout=REQUEST_S_MAX)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        name = next((one for one in session.cookies.keys() if one.endswith("csrf")), "")  # noqa: SIM118
        return found[1] if found else str(session.cookies.get(name, ""))

    def post_form(
        self, session: requests.Session, path: str, *, url: str | None = None, **fields: str
    ) -> requests.Response:
        """A form of our pages, sent by that browser as the page would send it."""
        token = self.form_token(session, url=url) if "csrf" not in session.headers else session.headers["csrf"]
        return self.call("POST", path, session=session, url=url, data={"csrfmiddlewaretoken": token, **fields})

    def sign_in(self, person: Person, *, url: str | None = None, source: str | None = None) -> requests.Session:
        """That person's browser, second factor given. One sign-in each half minute: a code is good once."""
        session = requests.Session()
        if source is not None:
            session.mount("http://", _From(source))
        token = self.form_token(session, url=url)
        first = {"login": person.email, "password": person.password, "csrfmiddlewaretoken": token}
        self.call("POST", "/account/login/", session=session, url=url, data=first)
        page = session.get(f"{url or self.url}/account/2fa/authenticate/", timeout=REQUEST_S_MAX)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        second = {"code": person.code(), "csrfmiddlewaretoken": found[1] if found else ""}
        answer = self.call("POST", "/account/2fa/authenticate/", session=session, url=url, data=second)
        if answer.status_code != 302:
            raise RuntimeError(f"{person.email} could not sign in: {answer.status_code}")
        return session

    def mails(self, email: str) -> list[dict[str, Any]]:
        """What came for that address, newest last, with texts and headers."""
        answer = requests.get(
            f"{self.house.running.town_url}/inbox.json", params={"to": email, "whole": "1"}, timeout=REQUEST_S_MAX
        )
        return list(reversed(answer.json()["mails"]))

    # The database ----------------------------------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[Any]:
        """The superuser's look."""
        return self.database.execute(sql, values or None).fetchall()  # type: ignore[call-overload,no-any-return]

    def execute(self, sql: str, *values: object) -> None:
        """To set a scene: never to try what is allowed."""
        self.database.execute(sql, values or None)  # type: ignore[call-overload]

    def changed(self, do: Callable[[], object], *, but: frozenset[str] = frozenset()) -> set[str]:
        """The tables whose rows are other ones after `do()`, but those that somebody writes all the time."""
        before = self._prints()
        do()
        after = self._prints()
        return {table for table in after if before.get(table) != after[table]} - RESTLESS - but

    def _prints(self) -> dict[str, tuple[Any, ...]]:
        tables = self.rows(
            "SELECT format('%I.%I', schemaname, tablename), tablename FROM pg_tables"
            " WHERE schemaname IN ('public', 'vault')"
        )
        union = " UNION ALL ".join(
            f"SELECT '{short}', count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"  # noqa: S608
            for table, short in tables
        )
        return {name: told for name, *told in self.rows(union)}

    @contextlib.contextmanager
    def taken_down(self, sql: str, *, again: str) -> Iterator[None]:
        """A wall of the database is down, and up again afterwards."""
        self.database.execute(sql)
        try:
            yield
        finally:
            self.database.execute(again)

    # Broken builds ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def broken(self, module: str, *words: str, settings: Mapping[str, str] | None = None) -> Iterator[str]:
        """The address of a web application that `proofs.broken.<module>` broke on purpose."""
        environment = {**os.environ, **self.house.environment("web"), **(settings or {})}
        command = [sys.executable, "-m", "proofs.broken.door", module, *words]
        with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as door:
            try:
                port = (door.stdout.readline() if door.stdout else "").strip()
                if not port.isdecimal():
                    raise RuntimeError(f"proofs/broken/{module}.py does not start")
                yield f"http://127.0.0.1:{port}"
            finally:
                door.terminate()


class _From(HTTPAdapter):
    """Comes from one address of this machine."""

    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *told: Any, **named: Any) -> None:
        super().init_poolmanager(*told, source_address=(self._source, 0), **named)
