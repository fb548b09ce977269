"""A server asks whether a token counts; an app gives one back."""

import pytest

from tests.oauth.conftest import BACK, App


def asks(app, token, **fields):
    return app.posts("/oauth/introspect", token=token, **fields)


def test_a_server_of_the_same_company_hears_what_a_token_is_for(server, till, ines):
    told = ines.lets(till, scope="refunds:read")

    answer = asks(server, told["access_token"]).json()
    refresh = asks(server, told["refresh_token"], token_type_hint="access_token").json()

    assert answer["active"] is True
    assert (answer["scope"], answer["client_id"], answer["sub"]) == (
        "refunds:read", str(till.id), str(ines.colleague.person_id),
    )  # fmt: skip
    assert (refresh["active"], refresh["token_type"]) == (True, "refresh_token")


@pytest.mark.parametrize("token", ["nonsense", "", "a.b.c", "ey" + "a" * 5000])
def test_what_is_no_token_is_not_active(server, token):
    answer = asks(server, token)

    assert answer.json() == {"active": False} if token else answer.status_code == 400


def test_to_another_company_there_is_no_such_token(till, ines, other_shop):
    stranger = App(other_shop, "server", ["refunds:read"])

    assert asks(stranger, ines.lets(till)["access_token"]).json() == {"active": False}


def test_an_id_token_is_no_token_to_ask_with(server, till, ines):
    told = ines.lets(till)

    assert asks(server, told["id_token"]).json() == {"active": False}
    assert till.calls(told["id_token"]) == 401
    assert till.calls(told["refresh_token"]) == 401


def test_only_who_proves_who_they_are_is_answered(booth, server, till, ines):
    token = ines.lets(till)["access_token"]

    assert asks(booth, token).status_code == 401
    assert asks(server, token, client_secret="rs_wrong").status_code == 401


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_what_an_app_gives_back_is_over_whole_and_at_once(till, ines, which):
    told = ines.lets(till)

    assert till.posts("/oauth/revoke", token=told[which]).status_code == 200

    assert till.calls(told["access_token"]) == 401
    assert till.refreshes(told["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_app_gives_back_only_what_is_its_own(till, ines, shop):
    other, told = App(shop, "web", ["refunds:read"], [BACK]), ines.lets(till)

    assert other.posts("/oauth/revoke", token=told["access_token"]).status_code == 200

    assert till.calls(told["access_token"]) == 200


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/device"])
def test_only_forms_are_read(server, path):
    wrong = server.http.post(path, {"token": "x"}, content_type="application/json")
    by_address = server.http.post(f"{path}?client_id={server.id}&client_secret={server.secret}&token=x")

    assert server.http.get(path).status_code == 405
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    assert by_address.status_code in (400, 401)


def test_nobody_keeps_the_answers(server):
    answer = server.asks_for_tokens(grant_type="client_credentials")

    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/json"


def test_tokens_for_somebody_else_are_not_made(server):
    answer = server.asks_for_tokens(grant_type="client_credentials", resource="https://other.example/")

    assert answer.json()["error"] == "invalid_target"
