"""The document says how callers show who they are, and every door holds it."""

import base64
import json
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from recoup.kernel import ids
from tests.addresses import somewhere
from tests.api.callers import Caller

KEY, OAUTH, OPENID, GUEST = "ApiKeyAuth", "OAuth", "OpenIdConnect", "GuestToken"


@pytest.fixture
def document(caller):
    return caller.get("/openapi.json", secret="").json()


@pytest.fixture
def operations(document):
    """(method, path, operation) of the API."""
    return [(method.upper(), path, told) for path, item in document["paths"].items() for method, told in item.items()]


@pytest.fixture
def token_of(shop, document):
    """A server's token for some scopes, fetched with nothing known but the document."""
    from recoup.identity import actions

    def fetch(*scopes):
        app_id, secret = actions.create_app(
            merchant_id=shop.id, name="Till", kind="server", scopes=scopes, redirect_uris=[], by="test", at=shop.now
        )
        door = document["components"]["securitySchemes"][OAUTH]["flows"]["clientCredentials"]["tokenUrl"]
        proof = base64.b64encode(f"{app_id}:{secret}".encode()).decode()
        answer = Client(REMOTE_ADDR=somewhere()).post(
            urlsplit(door).path,
            urlencode({"grant_type": "client_credentials", "scope": " ".join(scopes)}),
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Basic {proof}"},
        )
        assert answer.status_code == 200, answer.content
        return answer.json()["access_token"]

    return fetch


def test_each_way_in_is_described_and_no_other_is_named(document, operations):
    described = document["components"]["securitySchemes"]

    assert {name: told["type"] for name, told in described.items()} == {
        KEY: "http", OAUTH: "oauth2", OPENID: "openIdConnect", GUEST: "http"
    }  # fmt: skip
    for method, path, operation in operations:
        ways = [name for way in operation["security"] for name in way]
        assert ways[:3] == [KEY, OAUTH, OPENID], f"{method} {path}"
        asked = operation["security"][1][OAUTH]
        assert asked == ([operation["x-scope"]] if "x-scope" in operation else []), f"{method} {path}"
        assert set(asked) <= set(described[OAUTH]["flows"]["clientCredentials"]["scopes"]), f"{method} {path}"


def test_the_addresses_are_those_of_the_discovery_document(document):
    discovered = Client().get(urlsplit(document["components"]["securitySchemes"][OPENID]["openIdConnectUrl"]).path)
    assert discovered.status_code == 200
    known = discovered.json()

    flows = document["components"]["securitySchemes"][OAUTH]["flows"]
    assert flows["clientCredentials"]["tokenUrl"] == known["token_endpoint"]
    assert flows["authorizationCode"]["tokenUrl"] == known["token_endpoint"]
    assert flows["authorizationCode"]["authorizationUrl"] == known["authorization_endpoint"]
    assert {scope for flow in flows.values() for scope in flow["scopes"]} <= set(known["scopes_supported"])
    assert all(words for flow in flows.values() for words in flow["scopes"].values())


def test_no_app_is_told_that_it_could_make_keys_for_a_person(document):
    flows = document["components"]["securitySchemes"][OAUTH]["flows"]

    alone = set(flows["clientCredentials"]["scopes"]) - set(flows["authorizationCode"]["scopes"])
    assert alone == {"keys:write", "members:write", "gateway:authorize"}


def test_a_token_for_the_scope_that_an_operation_names_opens_it_and_one_for_another_does_not(
    shop, caller, operations, token_of
):
    scopes = {operation["x-scope"] for _, _, operation in operations if "x-scope" in operation}
    tokens = {scope: token_of(scope) for scope in scopes}
    wrong = []
    for method, path, operation in operations:
        if "x-scope" not in operation:
            continue
        needed = operation["x-scope"]
        other = next(scope for scope in sorted(scopes) if scope != needed)
        let_in, kept_out = (_status(caller, method, path, tokens[scope]) for scope in (needed, other))
        if let_in in (401, 403) or kept_out != 403:
            wrong.append(f"{method} {path}: {needed} {let_in}, {other} {kept_out}")
    assert wrong == []


def test_a_guest_is_let_in_where_the_document_says_so_and_nowhere_else(shop, caller, operations):
    case_id = caller.ask(shop.order(("sofa", 1, 90_000))).json()["id"]
    token = caller.post(f"/refunds/{case_id}/guest-token").json()["token"]
    found = {
        (method, path): {GUEST: []} in operation["security"] and "guest token" in operation["description"]
        for method, path, operation in operations
    }

    held = {(method, path): _status(caller, method, path, token, case_id) not in (401, 403) for method, path in found}

    assert held == found
    assert found["GET", "/api/v1/refunds/{case_id}"]
    assert not found["POST", "/api/v1/refunds/{case_id}/approve"]


def _status(caller, method, path, token, case_id=None):
    """How somebody with that token is answered, who names `case_id` or what is not there, and sends an empty body."""
    there = path.removeprefix("/api/v1").replace("{case_id}", str(case_id or ids.uuid7()))
    for name in ("key_id", "endpoint_id", "delivery_id", "number"):
        there = there.replace(f"{{{name}}}", str(ids.uuid7()))
    assert "{" not in there, there
    return caller.send(method, there, raw=json.dumps({}).encode(), secret=token, key=ids.uuid7().hex).status_code


def test_a_reader_of_the_reference_learns_of_every_way_in(database):
    page = Client().get("/developers").content.decode()

    for words in ("rk_...", "gt_...", "access token", "/.well-known/openid-configuration"):
        assert words in page


def test_a_caller_without_anything_is_told_so_at_each_of_them(shop, operations):
    nobody = Caller(shop)

    assert {_status(nobody, method, path, "") for method, path, _ in operations} == {401}
