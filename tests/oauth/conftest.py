"""A company's apps at the protocol's doors, and the people they ask."""

import base64
import hashlib
import re
import secrets
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from tests.addresses import somewhere
from tests.letters import letters
from tests.web.conftest import Shopper, browser, mails, mei
from tests.web.staff_people import Colleague, signs_in

__all__ = ["browser", "letters", "mails", "mei"]

BACK = "https://till.example.com/back"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class App:
    """A program of the shop's. It knows its own secret, and what it was given."""

    def __init__(self, shop, kind, scopes, redirect_uris=()):
        from recoup.identity import actions

        self._is_known_as(shop, kind, *actions.create_app(
            merchant_id=shop.id, name="The till", kind=kind, scopes=scopes, redirect_uris=redirect_uris,
            by="test", at=shop.now,
        ))  # fmt: skip

    @classmethod
    def connected(cls, shop, kind, app_id, secret):
        """One that somebody else has connected."""
        app = cls.__new__(cls)
        app._is_known_as(shop, kind, app_id, secret)
        return app

    def _is_known_as(self, shop, kind, app_id, secret):
        self.shop, self.kind, self.id, self.secret = shop, kind, app_id, secret
        self.http = Client(REMOTE_ADDR=somewhere())
        self.verifier = secrets.token_urlsafe(48)

    def posts(self, path, **fields):
        """A form to one of our machine doors, with whatever the app proves itself by."""
        proof = {"client_id": str(self.id), **({"client_secret": self.secret} if self.secret else {})}
        told = {name: value for name, value in (proof | fields).items() if value is not None}
        return self.http.post(path, urlencode(told), content_type="application/x-www-form-urlencoded")

    def asks_for_tokens(self, **fields):
        return self.posts("/oauth/token", **fields)

    def brings(self, given, **fields):
        wanted = {
            "grant_type": "authorization_code",
            "code": given,
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
        }
        return self.asks_for_tokens(**(wanted | fields))

    def refreshes(self, token, **fields):
        return self.asks_for_tokens(grant_type="refresh_token", refresh_token=token, **fields)

    def calls(self, token, path="/api/v1/refunds"):
        return self.http.get(path, headers={"Authorization": f"Bearer {token}"}).status_code

    def address(self, **changes):
        """Where it sends people."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": str(self.id),
            "redirect_uri": BACK,
            "scope": "openid refunds:read",
            "state": "s-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        told = {name: value for name, value in (asked | changes).items() if value is not None}
        return f"/oauth/authorize?{urlencode(told)}"


@pytest.fixture
def other_shop(shop):
    """A company that has nothing to do with ours."""
    from recoup.kernel import ids
    from recoup.merchants import actions

    slug, merchant_id = f"other-{secrets.token_hex(4)}", ids.uuid7()
    actions.register(
        merchant_id=merchant_id, slug=slug, name=slug, country="SG", currency="SGD", by="test", at=shop.now
    )
    return replace(shop, id=merchant_id, slug=slug)


@pytest.fixture
def server(shop):
    """Works by itself."""
    return App(shop, "server", ["refunds:read", "orders:read"])


@pytest.fixture
def till(shop):
    """A web application that staff sign in to."""
    return App(shop, "web", ["refunds:read", "refunds:review"], [BACK])


@pytest.fixture
def booth(shop):
    return App(shop, "device", ["refunds:read", "refunds:review"])


class AtWork(Shopper):
    """Somebody of the shop's staff with a browser."""

    def says(self, answer, address):
        """At the question of an app. Gives what the app is told: the parameters of the way back."""
        self.browser.get(address)
        self.response = self.browser.post(address, {"answer": answer})
        assert self.response.status_code == 303, self.page
        return {name: value for name, (value,) in parse_qs(urlsplit(self.response["Location"]).query).items()}

    def lets(self, app, **changes):
        """Yes. Gives the tokens that the app then has."""
        answer = app.brings(self.says("yes", app.address(**changes))["code"])
        assert answer.status_code == 200, answer.content
        return answer.json()

    def answers_device(self, letters, answer="yes"):
        self.response = self.browser.post("/device", {"user_code": letters, "answer": answer})
        return self


@pytest.fixture
def hire(shop, mails):
    """Somebody new in a role, signed in with their second factor."""

    def do(role="reviewer", name="Ines"):
        colleague = Colleague(shop.id, name, role)
        one = signs_in(AtWork(Client(REMOTE_ADDR=somewhere()), mails, shop), colleague)
        one.colleague = colleague
        return one

    return do


@pytest.fixture
def ines(hire):
    return hire()


def token_in(page):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
