"""The operator connects apps and changes the keys that tokens are signed with, from the command line."""

import argparse
import secrets

import pytest

from recoup.kernel.errors import NotFound, Refusal
from tests.oauth.conftest import BACK, App


@pytest.fixture
def oauth(as_worker, capsys):
    """`bin/recoup oauth ...`; gives the lines that it printed."""
    from recoup.config.commands import oauth as command

    def run(*words):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        with as_worker():
            assert command.run(parser.parse_args(words), None) == 0
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def connect(oauth, shop):
    """A new app of the shop by command, as its developer is told of it."""

    def create(kind, *more, scopes=("refunds:read",)):
        name = f"Till {secrets.token_hex(3)}"
        asked = [word for scope in scopes for word in ("--scope", scope)]
        told = dict(
            line.split(maxsplit=1)
            for line in oauth("client", "create", name, "--merchant", shop.slug, "--kind", kind, *asked, *more)
        )
        app = App.connected(shop, kind, told["client_id"], told.get("client_secret", ""))
        app.name = name
        return app

    return create


def test_a_server_that_was_connected_by_command_gets_tokens_with_what_was_printed(connect):
    app = connect("server", scopes=("refunds:read", "orders:read"))

    answer = app.asks_for_tokens(grant_type="client_credentials")

    assert answer.status_code == 200, answer.content
    assert set(answer.json()["scope"].split()) == {"refunds:read", "orders:read"}
    assert app.calls(answer.json()["access_token"]) == 200


def test_an_app_that_keeps_no_secret_is_told_so(connect):
    app = connect("native", "--redirect", BACK)

    assert app.secret == ""


def test_the_list_names_the_companys_apps_and_nobody_elses(connect, oauth, shop, other_shop):
    app = connect("server")

    lines = oauth("client", "list", "--merchant", shop.slug)

    assert f"{app.id}  server   {app.name}: refunds:read" in lines
    assert oauth("client", "list", "--merchant", other_shop.slug) == []


def test_with_a_new_secret_the_one_before_is_worth_nothing(connect, oauth, shop):
    app = connect("server")
    before = app.secret

    (line,) = oauth("client", "replace-secret", app.id, "--merchant", shop.slug)

    assert app.asks_for_tokens(grant_type="client_credentials", client_secret=before).status_code == 401
    app.secret = line.split()[1]
    assert app.asks_for_tokens(grant_type="client_credentials").status_code == 200


def test_a_revoked_app_is_gone_with_its_tokens(connect, oauth, shop):
    app = connect("server")
    token = app.asks_for_tokens(grant_type="client_credentials").json()["access_token"]
    assert app.calls(token) == 200

    assert oauth("client", "revoke", app.id, "--merchant", shop.slug) == ["Revoked. No token of it opens anything."]

    assert app.calls(token) == 401
    assert app.asks_for_tokens(grant_type="client_credentials").status_code == 401
    assert f"{app.id}  revoked  {app.name}" in oauth("client", "list", "--merchant", shop.slug)


def test_an_app_of_another_company_is_not_there_to_be_changed(connect, oauth, shop, other_shop):
    app = connect("server")

    for verb in ("replace-secret", "revoke"):
        with pytest.raises(NotFound):
            oauth("client", verb, app.id, "--merchant", other_shop.slug)
    assert app.asks_for_tokens(grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        ("--kind", "server", "--scope", "everything:write"),
        ("--kind", "server", "--scope", "refunds:read", "--redirect", BACK),
        ("--kind", "web", "--scope", "refunds:read"),
        ("--kind", "web", "--scope", "keys:write", "--redirect", BACK),
        ("--kind", "web", "--scope", "refunds:read", "--redirect", "http://till.example.com/back"),
        ("--kind", "device", "--scope", "members:write"),
    ],
)
def test_what_cannot_be_connected_is_refused_in_words(oauth, shop, words):
    with pytest.raises(Refusal) as refused:
        oauth("client", "create", "The till", "--merchant", shop.slug, *words)

    assert len(str(refused.value)) > 10
    assert oauth("client", "list", "--merchant", shop.slug) == []


def test_a_company_that_takes_no_part_has_no_apps(oauth):
    with pytest.raises(NotFound):
        oauth("client", "list", "--merchant", "nobody-at-all")


def test_after_a_rotation_the_key_before_signs_on_until_all_have_read_the_new_one(connect, oauth):
    app = connect("server")
    token = app.asks_for_tokens(grant_type="client_credentials").json()["access_token"]

    lines = oauth("keys", "rotate")

    assert [line for line in lines if "signs now, believed until" in line]
    assert [line for line in lines if "signs from" in line]
    assert lines == oauth("keys", "list")
    assert app.calls(token) == 200


def test_a_key_that_somebody_has_seen_is_believed_no_more(connect, oauth):
    app = connect("server")
    token = app.asks_for_tokens(grant_type="client_credentials").json()["access_token"]

    (line,) = oauth("keys", "rotate", "--at-once")

    assert line.endswith("signs now")
    assert app.calls(token) == 401
    assert app.calls(app.asks_for_tokens(grant_type="client_credentials").json()["access_token"]) == 200
