"""Practice first: what the client refuses to be made of, and how OAuth clients get their tokens."""

import base64

import pytest
import recoup_client
from recoup_client import Recoup
from recoup_client.client import PRACTICE_URL
from recoup_client.credentials import ClientCredentials

from tests.client.answering import Answering


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch):
    monkeypatch.delenv("RECOUP_API_KEY", raising=False)
    monkeypatch.delenv("RECOUP_URL", raising=False)


def test_without_a_word_it_practises_on_this_machine():
    client = Recoup(api_key="rk_secret")

    assert PRACTICE_URL in repr(client)
    assert "rk_secret" not in repr(client)
    assert client._line._may_speak is False


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"api_key": ""},
        {"api_key": "sk_live_of_somebody_else"},
        {"api_key": "rk_a b"},
        {"api_key": "rk_x\r\nX-Evil: 1"},
        {"api_key": "rk_x", "client_id": "a", "client_secret": "b"},
        {"client_id": "a"},
        {"client_secret": "b"},
        {"api_key": "rk_x", "live": True},
        {"api_key": "rk_x", "base_url": "http://recoup.example.com"},
        {"api_key": "rk_x", "base_url": "ftp://127.0.0.1"},
        {"api_key": "rk_x", "base_url": "https://me:secret@recoup.example.com"},
        {"api_key": "rk_x", "base_url": "recoup.example.com"},
        {"api_key": "rk_x", "base_url": "https://recoup.example.com/?a=b"},
    ],
)
def test_settings_that_would_go_wrong_later_are_refused_now(settings):
    with pytest.raises(recoup_client.BadSettings):
        Recoup(**settings)


def test_key_and_address_may_stand_in_the_environment(monkeypatch):
    monkeypatch.setenv("RECOUP_API_KEY", "rk_x")
    monkeypatch.setenv("RECOUP_URL", "https://practice.example.com/")

    assert "https://practice.example.com)" in repr(Recoup())
    with pytest.raises(recoup_client.BadSettings, match="explicit"):
        Recoup(live=True)


def discovery(server):
    return (200, {}, {"issuer": server.url, "token_endpoint": f"{server.url}/identity/o/api/token"})


def token(text, lives_s=600):
    return (200, {}, {"access_token": text, "token_type": "Bearer", "expires_in": lives_s})


def oauth_client(far):
    client = Recoup(client_id="a:b", client_secret="s/e c", scopes=["orders:read", "refunds:read"], base_url=far.url)
    client._line._may_speak = True
    client._line._sleep = lambda _: None
    return client


def test_an_oauth_client_finds_the_token_endpoint_and_asks_as_the_standard_says():
    with Answering(discovery, token("one"), 200, 200) as far:
        client = oauth_client(far)
        client.call("GET", "/orders")
        client.call("GET", "/orders")

    _, asked, first, second = far.heard
    assert (asked.method, asked.path) == ("POST", "/identity/o/api/token")
    assert asked.body == b"grant_type=client_credentials&scope=orders%3Aread+refunds%3Aread"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(asked.headers["Authorization"].removeprefix("Basic ")) == b"a%3Ab:s%2Fe%20c"
    assert first.headers["Authorization"] == second.headers["Authorization"] == "Bearer one"


def test_a_token_that_was_refused_is_replaced_once():
    with Answering(discovery, token("one"), 401, token("two"), 200) as far:
        oauth_client(far).call("GET", "/orders")
    assert far.heard[-1].headers["Authorization"] == "Bearer two"

    with (
        Answering(discovery, token("one"), 401, token("two"), 401) as far,
        pytest.raises(recoup_client.NotAuthenticated),
    ):
        oauth_client(far).call("GET", "/orders")


def test_a_token_is_replaced_before_it_ends():
    now = [0.0]
    answers = iter([{"token_endpoint": "http://r/t"}, *({"access_token": str(n), "token_type": "bearer",
                                                         "expires_in": 600} for n in range(2))])  # fmt: skip

    class Told:
        def __init__(self, body):
            self.body = body

    def ask(*_):
        return Told(next(answers))

    known = ClientCredentials(base_url="http://r", client_id="a", client_secret="b", scopes=(), clock=lambda: now[0])
    assert known.token(ask) == "0"
    now[0] = 569.0
    assert known.token(ask) == "0"
    now[0] = 571.0
    assert known.token(ask) == "1"


def test_the_clients_secret_goes_to_recoup_and_nowhere_else():
    with (
        Answering((200, {}, {"token_endpoint": "http://127.0.0.1:1/token"})) as far,
        pytest.raises(recoup_client.NotUnderstood, match="not at"),
    ):
        oauth_client(far).call("GET", "/orders")
    assert len(far.heard) == 1


def test_a_client_that_is_refused_a_token_hears_why():
    refused = (401, {}, {"error": "invalid_client"})
    with Answering(discovery, refused) as far, pytest.raises(recoup_client.NotAuthenticated) as told:
        oauth_client(far).call("GET", "/orders")
    assert told.value.document["error"] == "invalid_client"
