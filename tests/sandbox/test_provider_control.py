"""The control API, and the program as its supervisor knows it."""

import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.sandbox.conftest import open_shop
from tests.sandbox.programs import start


def test_tens_of_thousands_of_charges_are_seeded_in_one_call(provider):
    shop = open_shop(provider)
    charges = [{"amount": 100 + number, "currency": "gbp", "id": f"ch_bulk{number}"} for number in range(20_000)]

    begun = time.monotonic()
    told = provider.post("/_practice/charges", {"account": shop.account, "charges": charges, "answer": "count"})

    assert told == {"account": shop.account, "new": 20_000, "charges": None}
    assert time.monotonic() - begun < 10
    assert shop.client.v1.charges.retrieve("ch_bulk19999").amount == 20_099


def test_seeding_again_changes_nothing(shop):
    charge = {"amount": 500, "currency": "sgd", "id": f"ch_of_{shop.account}", "metadata": {"order": "A-1"}}
    told = {"account": shop.account, "charges": [charge]}

    first, again = shop.provider.post("/_practice/charges", told), shop.provider.post("/_practice/charges", told)

    assert (first["new"], again["new"]) == (1, 0)
    assert first["charges"] == again["charges"]
    other = {"account": shop.account, "charges": [{**charge, "amount": 501}]}
    assert shop.provider.post("/_practice/charges", other)[0] == 400
    assert shop.client.v1.balance.retrieve().available[0].amount == 500


@pytest.mark.parametrize(
    "charge",
    [
        {"amount": 1.5, "currency": "gbp"},
        {"amount": 0, "currency": "gbp"},
        {"amount": 5},
        {"amount": 5, "currency": "gbp", "x": 1},
    ],
)
def test_what_is_no_charge_is_refused_and_none_of_its_neighbours_made(shop, charge):
    told = {"account": shop.account, "charges": [{"amount": 5, "currency": "gbp"}, charge]}

    assert shop.provider.post("/_practice/charges", told)[0] == 400
    assert shop.client.v1.charges.list().data == []


def test_unknown_accounts_and_profiles_are_refused(provider):
    assert provider.post("/_practice/charges", {"account": "acct_no", "charges": []})[0] == 404
    assert provider.post("/_practice/accounts", {"profile": "magic"})[0] == 400
    assert provider.post("/_practice/accounts", {"colour": "red"})[0] == 400


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_a_web_page_from_elsewhere_cannot_reach_the_controls(provider, headers):
    assert provider.call("GET", "/_practice/movements", headers=headers)[0] == 403


def test_the_controls_list_themselves(provider):
    told = provider.get("/_practice")

    assert "POST /_practice/faults" in told["calls"]
    assert set(told["profiles"]) == {"stripe_v1", "checkout", "expiring", "none"}


@pytest.mark.parametrize("module", ["recoup_sandbox.provider", "recoup_sandbox.town"])
def test_a_program_beats_and_stops_when_told(tmp_path, module):
    beats = tmp_path / "beats"
    program = start(module, tmp_path, RECOUP_HEARTBEAT_DIR=str(beats))
    name = module.rpartition(".")[2]
    try:
        assert program.get("/healthz")["program"] == name
        beat = beats / f"{name}-{program.process.pid}"
        first = beat.stat().st_mtime_ns
        time.sleep(1.3)
        assert beat.stat().st_mtime_ns > first
    finally:
        assert program.stop() == 0
    assert not beat.exists()


def test_a_program_listens_on_loopback_only(provider):
    port = provider.url.rpartition(":")[2]
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    hosts = {words[1].partition(":")[0] for words in listening if int(words[1].partition(":")[2], 16) == int(port)}

    assert hosts == {"0100007F"}


def test_an_unknown_address_is_unrecognised(provider):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(provider.url + "/v1/moon")

    with refused.value as answer:
        assert answer.code == 404
        assert b"Unrecognized request URL" in answer.read()
