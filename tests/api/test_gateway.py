"""API Gateway asks on behalf of a company: the documented rules of its Lambda authorizers, one by one."""

import secrets

import pytest

from tests.api.callers import EVERYTHING, Caller, is_problem

API = "arn:aws:execute-api:ap-southeast-1:123456789012:abcdef123/prod"


@pytest.fixture
def gateway(shop):
    """The key that the company's Lambda function holds."""
    return Caller(shop, "gateway:authorize")


@pytest.fixture
def till(shop):
    """A program of the company's that calls through the gateway, and may look at refunds."""
    return Caller(shop, "refunds:read")


def token_event(token, method="GET", path="api/v1/refunds", **more):
    return {"type": "TOKEN", "authorizationToken": token, "methodArn": f"{API}/{method}/{path}"} | more


def request_event(headers, method="GET", path="api/v1/refunds", **more):
    """As a REST API sends it, with members that we have no use for."""
    return {
        "type": "REQUEST",
        "methodArn": f"{API}/{method}/{path}",
        "resource": "/{proxy+}",
        "path": f"/{path}",
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "pathParameters": {"proxy": path},
        "stageVariables": {},
        "requestContext": {"stage": "prod", "identity": {"sourceIp": "203.0.113.7"}},
    } | more


def second_event(token, method="GET", path="api/v1/refunds", **more):
    """As an HTTP API sends it with payload format 2.0."""
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": f"{API.replace('prod', '$default')}/{method}/{path}",
        "identitySource": [token] if token else None,
        "routeKey": "$default",
        "rawPath": f"/{path}",
        "rawQueryString": "",
        "cookies": [],
        "headers": {"authorization": token} if token else {},
        "requestContext": {"http": {"method": method, "path": f"/{path}"}, "timeEpoch": 1583348638390},
    } | more


def ask(gateway, event, query=""):
    return gateway.post(f"/authorizer{query}", event)


def bearer(caller):
    return f"Bearer {caller.secret}"


# ── REST APIs: an IAM policy ─────────────────────────────────────────────────────────────────────────────────────────


def test_who_may_gets_a_policy_that_allows_exactly_that_method(gateway, till):
    answer = ask(gateway, token_event(bearer(till)))

    assert answer.status_code == 200
    told = answer.json()
    assert set(told) == {"principalId", "policyDocument", "context"}
    assert told["principalId"] == f"key:{till.key_id}"
    assert told["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{API}/GET/api/v1/refunds"},
        ],
    }
    assert told["context"]["action"] == "cases:read"
    assert told["context"]["policies"] == "scope-refunds-read"


def test_who_may_not_gets_a_policy_that_denies_and_says_why(gateway, till):
    told = ask(gateway, token_event(bearer(till), "POST")).json()

    (statement,) = told["policyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert told["context"]["allowed"] is False
    assert told["context"]["reason"].startswith("no policy lets a key with the scopes refunds:read do this")


def test_the_context_holds_strings_numbers_and_booleans_only(gateway, till):
    for event in (token_event(bearer(till)), second_event(bearer(till)), token_event(bearer(till), "POST", "nothing")):
        context = ask(gateway, event).json()["context"]
        assert context
        assert all(isinstance(value, str | int | float | bool) for value in context.values()), context


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_a_request_authorizer_sends_the_token_in_the_headers(gateway, till, name):
    told = ask(gateway, request_event({name: bearer(till), "Accept": "*/*"})).json()

    assert told["policyDocument"]["Statement"][0]["Effect"] == "Allow"


def test_the_word_bearer_may_be_missing(gateway, till):
    assert ask(gateway, token_event(till.secret)).json()["context"]["allowed"] is True


def test_a_usage_plan_gets_the_callers_key_when_it_is_asked_for(gateway, till):
    told = ask(gateway, token_event(bearer(till)), "?usage_key=true").json()

    assert told["usageIdentifierKey"] == str(till.key_id)


# ── Unauthorized ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer rk_nobody", "Basic bWVp", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_a_token_of_nobody_is_unauthorized(gateway, token):
    for event in (token_event(token), request_event({"Authorization": token}), second_event(token)):
        answer = ask(gateway, event)
        assert is_problem(answer, 401, "unauthorized")
        assert answer.json()["title"] == "Unauthorized"


def test_no_token_at_all_is_unauthorized(gateway):
    event = token_event("x")
    del event["authorizationToken"]

    assert is_problem(ask(gateway, event), 401, "unauthorized")
    assert is_problem(ask(gateway, request_event({})), 401, "unauthorized")


def test_a_key_of_another_company_is_nobody_here(gateway, noon, database):
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants

    other = ids.uuid7()
    slug = f"other-{secrets.token_hex(4)}"
    merchants.register(merchant_id=other, slug=slug, name="Other", country="SG", currency="SGD", by="test", at=noon)
    shop = type("Other", (), {"id": other, "now": noon})
    stranger = Caller(shop, *EVERYTHING)

    assert is_problem(ask(gateway, token_event(bearer(stranger))), 401, "unauthorized")


def test_a_revoked_key_is_unauthorized_at_once(gateway, till, shop):
    from recoup.access import actions

    assert ask(gateway, token_event(bearer(till))).status_code == 200
    actions.revoke_key(merchant_id=shop.id, key_id=till.key_id, by="test", at=shop.now)

    assert is_problem(ask(gateway, token_event(bearer(till))), 401, "unauthorized")


def test_only_a_key_for_gateways_may_ask(till, shop):
    assert is_problem(ask(till, token_event(bearer(till))), 403, "ACCESS_DENIED")
    assert is_problem(till.send("POST", "/authorizer", token_event("x"), secret="rk_nobody"), 401, "not_authenticated")


# ── HTTP APIs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_payload_2_gets_the_simple_response(gateway, till):
    allowed = ask(gateway, second_event(bearer(till))).json()
    denied = ask(gateway, second_event(bearer(till), "POST")).json()

    assert set(allowed) == set(denied) == {"isAuthorized", "context"}
    assert allowed["isAuthorized"] is True
    assert denied["isAuthorized"] is False


def test_payload_2_gets_a_policy_when_the_api_has_no_simple_responses(gateway, till):
    told = ask(gateway, second_event(bearer(till)), "?response=iam").json()

    assert told["policyDocument"]["Statement"][0] == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": f"{API.replace('prod', '$default')}/GET/api/v1/refunds",
    }


def test_payload_2_finds_the_token_in_the_identity_source_too(gateway, till):
    assert ask(gateway, second_event(bearer(till), headers={})).json()["isAuthorized"] is True


def test_payload_1_of_an_http_api_gets_a_policy(gateway, till):
    event = request_event({}, version="1.0", identitySource=bearer(till))

    assert ask(gateway, event).json()["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert is_problem(ask(gateway, event, "?response=simple"), 400)


# ── From the method's ARN to the action ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "action"),
    [
        ("GET", "api/v1/refunds/01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58", "cases:read"),
        ("GET", "refunds", "cases:read"),
        ("POST", "api/v1/refunds/01983c6e-5a1e-7c60-9d7f-3f2b6c1a4e58/approve", "cases:approve"),
        ("GET", "api/v1/orders/KT/2026-1", "orders:read"),
        ("POST", "keys", "keys:write"),
        ("GET", "company", "pages:open"),
    ],
)
def test_method_and_path_lead_to_the_action_that_our_own_door_asks_for(gateway, shop, method, path, action):
    everything = Caller(shop, *EVERYTHING)

    context = ask(gateway, token_event(bearer(everything), method, path)).json()["context"]

    assert context["action"] == action
    assert context["allowed"] is True


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "api/v1/refunds"),
        ("GET", "review"),
        ("GET", "account/"),
        ("GET", "api/v1/refunds/../keys"),
        ("GET", "api/v1/orders/./x"),
        ("GET", "api/v1/orders/%2e%2e/keys"),
        ("GET", "api/v1//refunds"),
        ("GET", "*"),
        ("GET", ""),
    ],
)
def test_what_is_no_address_of_ours_is_denied(gateway, shop, method, path):
    told = ask(gateway, token_event(bearer(Caller(shop, *EVERYTHING)), method, path)).json()

    assert told["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert told["context"]["action"] == ""


def test_a_method_too_long_for_a_policy_is_denied_within_512_characters(gateway, till):
    told = ask(gateway, token_event(bearer(till), "GET", f"api/v1/orders/{'9' * 600}")).json()

    (statement,) = told["policyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert len(statement["Resource"]) == 512
    assert statement["Resource"].endswith("*")


@pytest.mark.parametrize(
    "changes",
    [
        {"methodArn": None},
        {"methodArn": "arn:aws:s3:::bucket/GET/x"},
        {"methodArn": f"{API}/GET/{'x' * 1600}"},
        {"methodArn": "arn:aws:execute-api:eu-west-1:1:abc/*/GET/x"},
        {"type": "JWT"},
        {"version": "3.0"},
        {"headers": "Authorization"},
    ],
)
def test_what_is_no_event_of_api_gateway_is_refused(gateway, till, changes):
    assert ask(gateway, token_event(bearer(till)) | changes).status_code == 400
    assert is_problem(ask(gateway, second_event(bearer(till), routeArn=None)), 400)


def test_what_the_gateway_lets_through_our_own_door_lets_through_and_the_other_way_round(gateway, shop):
    """The same decision at both: asked for every scope alone, at every address of the API."""
    from recoup.access import policies
    from recoup.api import routes

    addresses = [
        (route.method, route.path.removeprefix("/api/v1").replace("{number}", "1"))
        for route in routes.table()
        if route.path.startswith("/api/v1/") and route.method != "ANY" and "_id}" not in route.path
    ]
    for scope in sorted(policies.scopes()):
        caller = Caller(shop, scope)
        for method, path in addresses:
            at_gateway = ask(gateway, token_event(bearer(caller), method, path[1:])).json()["context"]["allowed"]
            at_the_door = caller.send(method, path, {}).status_code
            assert at_gateway is (at_the_door != 403), (scope, method, path)
