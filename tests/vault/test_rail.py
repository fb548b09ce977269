"""The rail itself: against `localstripe`, a stand-in written by others, and against lines that fail in every way."""

import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import stripe

from recoup.kernel import ids
from recoup_vault import amounts, words
from recoup_vault.doubts import PATIENCE, Doubts
from recoup_vault.lines import Lines, now_s
from recoup_vault.stripe_rail import StripeRail, said_of
from recoup_vault.words import Claim, Said

CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}


def claim(charge="ch_1", **changes):
    values = {
        "payout_id": ids.uuid7(),
        "merchant_id": ids.uuid7(),
        "case_id": ids.uuid7(),
        "rail_account_id": ids.uuid7(),
        "provider_charge_id": charge,
        "provider_refund_id": None,
        "amount_minor": 300,
        "currency": "EUR",
        "idempotency_key": ids.uuid7(),
        "epoch": 0,
        "fence": 1,
        "crashes": 0,
        "is_new": True,
        "lease_ends_s": now_s() + 15,
    }
    return Claim(**(values | changes))


@pytest.fixture
def lines():
    opened = Lines()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as finder:
        port = finder.getsockname()[1]
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    directory = tmp_path_factory.mktemp("localstripe")
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def _pay(url, amount=1000):
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": url}, max_network_retries=0)
    method = client.v1.payment_methods.create({"type": "card", "card": CARD}).id
    intent = client.v1.payment_intents.create(
        {"amount": amount, "currency": "eur", "payment_method": method, "confirm": True}
    )
    charge = intent.latest_charge
    return intent.id, charge if isinstance(charge, str) else charge.id


@pytest.mark.slow
class TestBesideLocalstripe:
    """What both stand-ins understand, they understand alike."""

    @pytest.mark.parametrize("by", ["charge", "payment intent"])
    def test_a_refund_is_accepted_and_found_again_by_our_reference(self, localstripe, lines, by):
        intent, charge = _pay(localstripe)
        rail = StripeRail(api_key="sk_test_1", base_url=localstripe, lines=lines)
        mine = claim(charge if by == "charge" else intent)

        said = rail.refund(mine)

        assert (said.outcome, said.amount_minor, said.currency) == (words.SUCCEEDED, 300, "EUR")
        assert rail.look_up(mine) == said
        assert rail.look_up(claim(mine.provider_charge_id)).outcome == words.NOT_FOUND

    def test_a_refund_is_read_by_its_own_id(self, localstripe, lines):
        rail = StripeRail(api_key="sk_test_1", base_url=localstripe, lines=lines)
        mine = claim(_pay(localstripe)[1])
        said = rail.refund(mine)

        again = rail.look_up(claim(mine.provider_charge_id, provider_refund_id=said.provider_refund_id))

        assert again == said

    def test_an_unknown_charge_is_refused_for_good(self, localstripe, lines):
        rail = StripeRail(api_key="sk_test_1", base_url=localstripe, lines=lines)

        assert rail.refund(claim("ch_nowhere")).outcome == words.REJECTED

    def test_a_caller_without_a_right_key_has_not_failed_the_refund(self, localstripe, lines):
        rail = StripeRail(api_key="no-key", base_url=localstripe, lines=lines)

        said = rail.refund(claim(_pay(localstripe)[1]))

        assert (said.outcome, said.failure_code) == (words.THROTTLED, words.NO_CREDENTIALS)


@contextmanager
def server(behave):
    """A server that does to each connection what `behave` does."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones = []

    def serve():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            open_ones.append(line)
            threading.Thread(target=_quietly, args=(behave, line), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for line in open_ones:
        line.close()


def _quietly(behave, line):
    with suppress(OSError):
        behave(line)


def _drip(line):
    line.recv(65536)
    for _ in range(200):
        line.sendall(b"H")
        time.sleep(0.05)


def _answer(text):
    def answer(line):
        while line.recv(65536):
            line.sendall(text)

    return answer


@pytest.mark.slow
class TestBrokenLines:
    """Silence is unknown, and never lasts longer than the lease."""

    def test_nobody_there_means_nothing_was_sent(self, lines):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        rail = StripeRail(api_key="sk_test_1", base_url=f"http://127.0.0.1:{port}", lines=lines)

        said = rail.refund(claim())

        assert (said.outcome, said.failure_code) == (words.THROTTLED, words.UNREACHABLE)

    def test_a_provider_that_never_answers_is_given_up_at_the_deadline(self, lines):
        with server(lambda line: time.sleep(5)) as url:
            rail = StripeRail(api_key="sk_test_1", base_url=url, lines=lines)
            began = time.monotonic()
            with lines.until(now_s() + 0.5):
                said = rail.refund(claim())

        assert said.outcome == words.UNKNOWN
        assert time.monotonic() - began < 1.5

    def test_an_answer_that_drips_is_cut_off_at_the_deadline(self, lines):
        ended = threading.Event()

        def watch():
            while not ended.wait(0.1):
                lines.cut_overdue()

        with server(_drip) as url:
            rail = StripeRail(api_key="sk_test_1", base_url=url, lines=lines)
            threading.Thread(target=watch, daemon=True).start()
            began = time.monotonic()
            with lines.until(now_s() + 0.5):
                said = rail.refund(claim())
            ended.set()

        assert said.outcome == words.UNKNOWN
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize(
        "answer",
        [
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
            b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>",
            b"\x16\x03\x01 nonsense\r\n\r\n",
        ],
    )
    def test_an_answer_that_makes_no_sense_is_unknown(self, lines, answer):
        with server(_answer(answer)) as url:
            said = StripeRail(api_key="sk_test_1", base_url=url, lines=lines).refund(claim())

        assert said.outcome == words.UNKNOWN

    def test_a_line_that_was_hung_up_while_resting_is_not_used_again(self, lines):
        body = b'{"data": [], "has_more": false}'
        text = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)

        def once(line):
            line.recv(65536)
            line.sendall(text)
            line.close()

        with server(once) as url:
            rail = StripeRail(api_key="sk_test_1", base_url=url, lines=lines)
            assert rail.look_up(claim()).outcome == words.NOT_FOUND
            time.sleep(0.05)
            assert rail.look_up(claim()).outcome == words.NOT_FOUND


@pytest.mark.parametrize(
    ("ours", "currency", "theirs"),
    [
        (1250, "GBP", 1250),
        (500, "JPY", 500),
        (500, "ISK", 50_000),
        (7, "UGX", 700),
        (1230, "BHD", 1230),
        (1200, "MGA", 12),
    ],
)
def test_amounts_are_told_as_the_rail_counts_them(ours, currency, theirs):
    assert amounts.to_stripe(ours, currency) == theirs
    assert amounts.from_stripe(theirs, currency) == ours


@pytest.mark.parametrize(("amount", "currency"), [(1234, "BHD"), (1250, "MGA")])
def test_what_the_rail_cannot_pay_is_not_rounded(amount, currency):
    with pytest.raises(amounts.NotPayable):
        amounts.to_stripe(amount, currency)


@pytest.mark.parametrize(
    ("refund", "outcome", "code"),
    [
        ({"status": "succeeded"}, words.SUCCEEDED, None),
        ({"status": "pending", "pending_reason": "processing"}, words.PENDING, None),
        ({"status": "requires_action"}, words.PENDING, None),
        ({"status": "pending", "pending_reason": "insufficient_funds"}, words.NO_FUNDS, "insufficient_funds"),
        ({"status": "failed", "failure_reason": "lost_or_stolen_card"}, words.FAILED, "lost_or_stolen_card"),
        ({"status": "canceled"}, words.FAILED, "canceled"),
        ({"status": "on_the_moon"}, words.UNKNOWN, words.STRANGE_ANSWER),
        ({"status": "succeeded", "amount": None}, words.UNKNOWN, words.STRANGE_ANSWER),
    ],
)
def test_each_state_of_a_refund_means_one_thing(refund, outcome, code):
    said = said_of({"id": "re_1", "amount": 300, "currency": "eur", **refund})

    assert (said.outcome, said.failure_code) == (outcome, code)


def test_an_account_that_stays_silent_rests_and_comes_back():
    doubts, account = Doubts(), ids.uuid7()
    silent = Said(outcome=words.UNKNOWN)
    for second in range(PATIENCE):
        doubts.called(account)
        doubts.answered(account, silent, at_s=second)

    assert doubts.paused(at_s=PATIENCE) == [account]
    assert doubts.paused(at_s=PATIENCE + 60) == []
    doubts.called(account)
    assert doubts.paused(at_s=PATIENCE + 60) == [account]
    doubts.answered(account, Said(outcome=words.SUCCEEDED), at_s=PATIENCE + 60)
    assert doubts.paused(at_s=PATIENCE + 60) == []
