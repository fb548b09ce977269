"""A company's server gets tokens by its secret, and acts for its company with them."""

import pytest

from tests.oauth.conftest import App


def tokens_of(app, **fields):
    answer = app.asks_for_tokens(grant_type="client_credentials", **fields)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_server_reads_what_its_scopes_say_and_nothing_else(server):
    told = tokens_of(server)

    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 600
    assert set(told["scope"].split()) == {"refunds:read", "orders:read"}
    assert "refresh_token" not in told
    assert server.calls(told["access_token"]) == 200
    assert server.calls(told["access_token"], "/api/v1/webhook-endpoints") == 403


def test_a_server_may_ask_for_less(server):
    told = tokens_of(server, scope="orders:read")

    assert told["scope"] == "orders:read"
    assert server.calls(told["access_token"]) == 403


@pytest.mark.parametrize("scope", ["keys:write", "refunds:read keys:write", "openid", "*"])
def test_nobody_asks_for_more_than_their_company_gave(server, scope):
    answer = server.asks_for_tokens(grant_type="client_credentials", scope=scope)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize("secret", ["rs_wrong", "", None])
def test_without_the_secret_there_is_no_token(server, secret):
    answer = server.asks_for_tokens(grant_type="client_credentials", client_secret=secret)

    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_server_acts_for_its_own_company_only(server, shop, other_shop):
    order = shop.order(("mug", 1, 500))
    stranger = App(other_shop, "server", ["orders:read"])

    assert server.calls(tokens_of(server)["access_token"], f"/api/v1/orders/{order}") == 200
    assert stranger.calls(tokens_of(stranger)["access_token"], f"/api/v1/orders/{order}") == 404


def test_a_revoked_server_is_known_nowhere_from_the_next_request_on(server, shop):
    from recoup.identity import actions

    token = tokens_of(server)["access_token"]
    assert server.calls(token) == 200

    actions.revoke_app(merchant_id=shop.id, app_id=server.id, by="test", at=shop.now)

    assert server.calls(token) == 401
    assert server.asks_for_tokens(grant_type="client_credentials").json()["error"] == "invalid_client"


def test_a_replaced_secret_is_worth_nothing_at_once(server, shop):
    from recoup.identity import actions

    new = actions.replace_app_secret(merchant_id=shop.id, app_id=server.id, by="test", at=shop.now)

    assert server.asks_for_tokens(grant_type="client_credentials").status_code == 401
    server.secret = new
    assert tokens_of(server)["access_token"]


def test_secrets_and_tokens_are_kept_as_hashes_only(server, till, ines, database):
    theirs = ines.lets(till)
    given = [server.secret, till.secret, tokens_of(server)["access_token"]]
    given += [theirs["access_token"], theirs["refresh_token"], theirs["id_token"]]

    with database.superuser() as connection:
        tables = ("allauth_idp_oidc_client", "allauth_idp_oidc_token", "identity_app", "identity_cache")
        kept = " ".join(
            str(row) for table in tables for row in connection.execute(f"SELECT t::text FROM {table} t").fetchall()
        )

    assert str(server.id) in kept
    for value in given:
        assert value.rpartition(".")[2] not in kept


@pytest.mark.parametrize("kind", ["web", "native", "device"])
def test_an_app_that_people_sign_in_to_gets_nothing_by_itself(shop, kind):
    app = App(shop, kind, ["refunds:read"], ["https://a.example/b"] if kind != "device" else [])

    answer = app.asks_for_tokens(grant_type="client_credentials")

    assert answer.json()["error"] in ("unauthorized_client", "invalid_client")
