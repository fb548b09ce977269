"""The vault may be killed, stopped or doubled at any moment: the money still moves once."""

import signal
import subprocess
import time

import pytest

from tests.payments.market import apply_all, start_vault, vault_running

pytestmark = pytest.mark.slow


@pytest.fixture
def vault(house):
    """Starts vaults as programs, and ends them."""
    running = []

    def start(**settings):
        running.append(start_vault(house, **settings))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    "crashpoint",
    ["vault_after_claim", "vault_before_call", "vault_after_call_before_record", "vault_after_record"],
)
def test_killed_at_a_boundary_it_pays_once(market, house, vault, crashpoint):
    payout = market.owe(1000)
    process = vault(RECOUP_CRASHPOINTS=f"{crashpoint}:1")
    assert process.wait(60) == -signal.SIGKILL

    market.lease_ends(payout)
    with vault_running(house):
        market.settle(payout)

    assert market.movements(payout) == [("refund", 1000)]
    assert market.payout(payout).epoch == 0
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_killed_again_and_again_it_pays_each_once(market, house, vault):
    payouts = market.reserve(market.capture(100_000), *[100] * 30)
    for _ in range(6):
        process = vault(
            RECOUP_CRASHPOINTS="vault_after_claim:0.2|vault_before_call:0.05|vault_after_call_before_record:0.05"
        )
        try:
            process.wait(4)
        except subprocess.TimeoutExpired:
            break
        market.run(
            "UPDATE payments_payout SET lease_until = now() - interval '1 s', next_at = now()"
            " WHERE merchant_id = %s AND lease_until IS NOT NULL",
            market.merchant_id,
        )
        apply_all(house)
    process.kill()
    market.run(
        "UPDATE payments_payout SET lease_until = now() - interval '1 s', next_at = now()"
        " WHERE merchant_id = %s AND lease_until IS NOT NULL",
        market.merchant_id,
    )
    with vault_running(house):
        market.settle(*payouts, within_s=90)

    assert market.moved()["double_payments"] == 0
    assert market.balance("provider_balance") == -3000


def test_a_payout_that_kills_its_vault_is_parked_and_the_others_are_paid(market, house, vault):
    deadly = market.owe(1000)
    for _ in range(5):
        process = vault(RECOUP_CRASHPOINTS="vault_before_call:1")
        assert process.wait(60) == -signal.SIGKILL
        market.lease_ends(deadly)
    harmless = market.owe(500)

    with vault_running(house):
        market.settle(harmless)
        _until(lambda: apply_all(house) + 1 and market.payout(deadly).parked_at is not None)

    assert market.events(deadly) == ["payout.parked"]
    assert market.payout(deadly).failure_code == "no_answer_after_many_tries"
    assert market.movements(deadly) == []


def test_one_that_took_its_vault_down_twice_is_tried_alone_and_paid(market, house, vault):
    payout = market.owe(1000)
    for _ in range(2):
        process = vault(RECOUP_CRASHPOINTS="vault_before_call:1")
        assert process.wait(60) == -signal.SIGKILL
        market.lease_ends(payout)
    others = market.reserve(market.capture(100_000), *[100] * 20)

    with vault_running(house):
        market.settle(payout, *others)

    assert market.movements(payout) == [("refund", 1000)]


def test_a_zombie_does_not_send_once_its_lease_is_too_short(market, house, vault):
    """Stopped after its claim and before its call, it wakes up when somebody else has paid (F-06)."""
    payout = market.owe(1000)
    market.fault(sleep_before_s=1.0)
    zombie = vault()
    _until(lambda: market.payout(payout).fence == 1)
    zombie.send_signal(signal.SIGSTOP)
    market.lease_ends(payout)
    with vault_running(house):
        market.settle(payout, within_s=30)
    zombie.send_signal(signal.SIGCONT)
    time.sleep(1.0)
    apply_all(house)

    assert market.movements(payout) == [("refund", 1000)]
    assert market.payout(payout).state == "succeeded"
    assert market.journals(payout) == [("payout.reserved", 0), ("payout.paid", 0)]


def test_it_comes_back_by_itself_when_the_database_hangs_up(market, house):
    with vault_running(house):
        first = market.owe(100)
        market.settle(first)
        market.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'recoup_vault'")
        second = market.owe(200)
        market.settle(second)


def test_without_a_doorbell_it_finds_its_work_within_two_seconds(market, house):
    capture = market.capture(1000)
    with vault_running(house):
        time.sleep(0.5)
        market.run(
            "INSERT INTO payments_payout (id, merchant_id, case_id, capture_id, rail_account_id, provider_charge_id,"
            " amount_minor, currency, state, epoch, look_up, fence, tries, due_at, next_at, reserved_at)"
            " SELECT gen_random_uuid(), merchant_id, gen_random_uuid(), id, rail_account_id, provider_charge_id, 1000,"
            " currency, 'queued', 0, false, 0, 0, now(), now(), now() FROM payments_capture WHERE id = %s",
            capture,
        )
        ((payout,),) = market.rows("SELECT id FROM payments_payout WHERE capture_id = %s", capture)
        _until(lambda: market.outcomes(payout), within_s=2.0)


def test_it_stops_when_asked_and_writes_down_what_was_under_way(market, house, vault):
    payout = market.owe(1000)
    market.fault(sleep_after_s=0.8)
    process = vault()
    _until(lambda: market.movements(payout))
    process.terminate()

    assert process.wait(60) == 0
    assert market.outcomes(payout) == ["succeeded"]


def test_its_log_holds_ids_and_codes_but_no_secret_and_no_amount(market, house, vault):
    payout = market.owe(123_457)
    market.fault(refuse={"status": 400, "code": "charge_disputed", "message": "Mei Lin's card"})
    process = vault()
    _until(lambda: market.outcomes(payout))
    process.terminate()
    _, said = process.communicate(timeout=60)

    text = said.decode()
    assert str(payout) in text
    assert "charge_disputed" in text
    assert "123457" not in text
    assert "sk_test" not in text
    assert "Mei Lin" not in text


def _until(condition, within_s=60.0):
    until = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)
