"""A company whose staff sign in at its own identity provider: a program of its own, spoken to over HTTP."""

import html
import re
import secrets
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.addresses import somewhere
from tests.sandbox.programs import start


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """The practice town with its identity provider."""
    program = start("recoup_sandbox.town", tmp_path_factory.mktemp("town-of-sign-ins"))
    yield program
    program.stop()


class Company:
    """A company with a domain of its own, known at the town's door."""

    def __init__(self, town, shop, kind):
        self.town, self.shop, self.kind = town, shop, kind
        self.domain = f"{shop.slug}.example"
        self.slug = shop.slug

    def connects(self, **facts):
        from recoup.identity import actions as identity

        door = f"{self.town.url}/door"
        told = (
            {"issuer": door, "client_id": "recoup", "secret": "between us"}
            if self.kind == "oidc"
            else {"issuer": f"{door}/saml", "sso_url": f"{door}/saml", "certificate": self.certificate()}
        )
        roles = {"recoup-ines": "reviewer", "recoup-ravi": "manager"}
        defaults = {"groups_claim": "groups", "roles": roles, "domains": [self.domain], "slug": self.slug}
        identity.connect_provider(
            merchant_id=self.shop.id,
            name="The Company",
            kind=self.kind,
            by="test",
            at=self.shop.now,
            **{**told, **defaults, **facts},
        )
        return self

    def certificate(self):
        metadata = requests.get(f"{self.town.url}/door/saml/metadata", timeout=5).text
        body = re.search(r"<X509Certificate>([^<]+)<", metadata)[1]
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"

    def person(self, name):
        """Somebody whom the door knows."""
        email = f"{name.lower()}@{self.domain}"
        self.town.post("/_practice/phones", {"email": email, "name": name, "secret": "JBSWY3DPEHPK3PXP"})
        return email

    def forges(self, name):
        self.town.post("/_practice/door-faults", {"forgery": name})


@pytest.fixture(params=["oidc", "saml"])
def company(request, town, database, shop):
    return Company(town, shop, request.param)


class Walker:
    """A browser that walks between Recoup (in this process) and the company's door (another program)."""

    def __init__(self, browser):
        self.browser, self.response, self.cookies = browser, None, requests.Session()

    @property
    def page(self):
        return self.response.content.decode()

    def goes_to_sign_in(self, email, wanted="/review"):
        self.response = self.browser.post("/account/company/", {"email": email, "next": wanted})
        link = re.search(r'href="(/account/company/[^"]+/)"', self.page)
        return self.follows(self.browser.get(link[1])) if link else self

    def says_who(self, email):
        """At the door: one of the buttons; then whatever the door sends the browser to."""
        action, fields = _form(self.page)
        at_door = self.cookies.post(
            urljoin(self.at, action), data={**fields, "who": email}, allow_redirects=False, timeout=10
        )
        if at_door.is_redirect:
            return self.follows(at_door)
        action, fields = _form(at_door.text)
        return self.follows(self.browser.post(_path(action), fields))

    def follows(self, answer):
        """Redirects, in both worlds, as a browser would."""
        for _ in range(12):
            self.response = answer
            if answer.status_code not in (301, 302, 303):
                return self
            where = answer.headers["Location"]
            if urlsplit(where).netloc in ("", "testserver"):
                answer = self.browser.get(_path(where))
            else:
                self.at = where
                answer = self.cookies.get(where, allow_redirects=False, timeout=10)
        raise AssertionError("redirected for ever")

    def opens(self, path):
        return self.follows(self.browser.get(path))


@pytest.fixture
def walker(database):
    from django.test import Client

    return Walker(
        Client(HTTP_HOST="testserver", HTTP_USER_AGENT=f"walker {secrets.token_hex(4)}", REMOTE_ADDR=somewhere())
    )


def _form(page):
    form = page[page.index("<form") :]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return re.search(r'action="([^"]+)"', form)[1], {name: html.unescape(value) for name, value in hidden}


def _path(address):
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")
