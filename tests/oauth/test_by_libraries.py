"""Each flow with programs that others wrote (Authlib), and with the client that we give companies, over real HTTP."""

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oauth.conftest import BACK, DEVICE, App
from tests.oauth.running import web
from tests.web.staff_people import PASSWORD, Colleague

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def running(cluster):
    with web() as address:
        yield address


@pytest.fixture
def told(running):
    """What a library reads about us before anything else."""
    return requests.get(f"{running}/.well-known/openid-configuration", timeout=10).json()


class Person:
    """Somebody with a browser; what they do is what the pages ask."""

    def __init__(self, running, shop):
        self.running, self.browser = running, requests.Session()
        self.colleague = Colleague(shop.id, "Ines", "reviewer")
        self.sends("/account/login/", login=self.colleague.email, password=PASSWORD)
        self.sends("/account/2fa/authenticate/", code=self.colleague.code)

    def sends(self, address, **fields):
        address = address if address.startswith("http") else f"{self.running}{address}"
        page = self.browser.get(address, timeout=20).text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        return self.browser.post(
            address,
            data={"csrfmiddlewaretoken": token, **fields},
            headers={"Referer": address},
            allow_redirects=False,
            timeout=20,
        )


@pytest.fixture
def ines(running, shop):
    return Person(running, shop)


def calls(running, token):
    return requests.get(
        f"{running}/api/v1/refunds", headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).status_code


def test_what_we_say_about_ourselves_is_where_we_are(running, told):
    assert told["issuer"] == running
    for name, address in told.items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert address.startswith(running), name
    assert requests.get(told["jwks_uri"], timeout=10).json()["keys"]


def test_a_server_fetches_tokens_for_itself(running, told, shop):
    app = App(shop, "server", ["refunds:read"])
    library = OAuth2Session(
        str(app.id), app.secret, scope="refunds:read", token_endpoint_auth_method="client_secret_basic"
    )

    token = library.fetch_token(told["token_endpoint"], grant_type="client_credentials")

    assert token["expires_in"] == 600
    assert calls(running, token["access_token"]) == 200
    asked = library.introspect_token(told["introspection_endpoint"], token=token["access_token"])
    assert asked.json()["active"] is True
    library.revoke_token(told["revocation_endpoint"], token=token["access_token"])
    assert calls(running, token["access_token"]) == 401
    asked = library.introspect_token(told["introspection_endpoint"], token=token["access_token"])
    assert asked.json() == {"active": False}


def test_people_sign_in_to_an_app_with_pkce_and_it_refreshes(running, told, shop, ines):
    app = App(shop, "web", ["refunds:read"], [BACK])
    library = OAuth2Session(
        str(app.id),
        app.secret,
        scope="openid email refunds:read",
        redirect_uri=BACK,
        code_challenge_method="S256",
    )
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(8)
    address, state = library.create_authorization_url(
        told["authorization_endpoint"], code_verifier=verifier, nonce=nonce
    )
    back = ines.sends(address, answer="yes").headers["Location"]
    assert parse_qs(urlsplit(back).query)["iss"] == [running]

    token = library.fetch_token(
        told["token_endpoint"], authorization_response=back, code_verifier=verifier, state=state
    )
    keys = KeySet.import_key_set(requests.get(told["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    needed = {"essential": True}
    jwt.JWTClaimsRegistry(iss=needed | {"value": running}, aud=needed | {"value": str(app.id)}, exp=needed).validate(
        claims
    )
    assert claims["nonce"] == nonce
    assert claims["email"] == ines.colleague.email
    assert calls(running, token["access_token"]) == 200
    who = library.get(told["userinfo_endpoint"]).json()
    assert who["sub"] == claims["sub"] == str(ines.colleague.person_id)

    newer = library.refresh_token(told["token_endpoint"], refresh_token=token["refresh_token"])
    assert newer["refresh_token"] != token["refresh_token"]
    assert calls(running, newer["access_token"]) == 200


def test_a_booth_shows_letters_and_somebody_types_them(running, told, shop, ines):
    app = App(shop, "device", ["refunds:read"])
    library = OAuth2Session(str(app.id), scope="refunds:read", token_endpoint_auth_method="none")
    asked = requests.post(
        told["device_authorization_endpoint"], data={"client_id": str(app.id), "scope": "refunds:read"}, timeout=10
    ).json()

    ines.sends(f"/device?user_code={asked['user_code']}", user_code=asked["user_code"], answer="yes")

    token = library.fetch_token(
        told["token_endpoint"], grant_type=DEVICE, device_code=asked["device_code"], client_id=str(app.id)
    )
    assert calls(running, token["access_token"]) == 200
    assert token["refresh_token"]


def test_the_client_that_we_give_companies_fetches_tokens_too(running, shop):
    from recoup_client import Recoup

    from tests.refunds.asking import ask

    case = ask(shop, shop.order(("mug", 1, 300)))
    app = App(shop, "server", ["refunds:read"])
    with Recoup(base_url=running, client_id=str(app.id), client_secret=app.secret, scopes=["refunds:read"]) as recoup:
        assert recoup.refunds.get(case.id).number == case.number
