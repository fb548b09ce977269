"""The same calls against `localstripe`, a stand-in written by others: where both copy the provider, both agree.

localstripe knows no caps, no idempotency keys and no asynchronous refunds; those are compared with the documentation
in the other files of this folder.
"""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest
import stripe

from tests.sandbox.conftest import open_shop

pytestmark = pytest.mark.slow
CARD = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}


@dataclass
class StandIn:
    """A provider to ask, and how a paid payment intent is made there."""

    client: stripe.StripeClient
    knows_test_cards: bool

    def pay(self, amount: int) -> tuple[str, str]:
        """Ids of the payment intent and of its charge, which localstripe always expands."""
        v1 = self.client.v1
        method = "pm_card_visa"
        if not self.knows_test_cards:
            method = v1.payment_methods.create({"type": "card", "card": CARD}).id
        intent = v1.payment_intents.create(
            {"amount": amount, "currency": "eur", "payment_method": method, "confirm": True}
        )
        charge = intent.latest_charge
        return intent.id, charge if isinstance(charge, str) else charge.id


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as finder:
        port = finder.getsockname()[1]
    directory = tmp_path_factory.mktemp("localstripe")
    command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
    process = subprocess.Popen(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < until
            assert process.poll() is None
            time.sleep(0.05)
    addresses = {"api": f"http://127.0.0.1:{port}"}
    yield StandIn(stripe.StripeClient("sk_test_1", base_addresses=addresses, max_network_retries=0), False)
    process.terminate()
    process.wait()


@pytest.fixture(params=["practice", "localstripe"])
def stand_in(request):
    if request.param == "localstripe":
        return request.getfixturevalue("localstripe")
    return StandIn(open_shop(request.getfixturevalue("provider")).client, True)


def test_a_partial_refund_by_payment_intent_or_by_charge(stand_in):
    v1 = stand_in.client.v1
    intent, charge_id = stand_in.pay(1000)

    one = v1.refunds.create({"payment_intent": intent, "amount": 300, "metadata": {"recoup_payout": "p1"}})
    two = v1.refunds.create({"charge": charge_id, "amount": 200})

    assert {(refund.object, refund.status, refund.currency, refund.charge) for refund in (one, two)} == {
        ("refund", "succeeded", "eur", charge_id)
    }
    assert (one.amount, two.amount, one.metadata["recoup_payout"]) == (300, 200, "p1")
    assert v1.refunds.retrieve(one.id).amount == 300
    assert {refund.id for refund in v1.refunds.list({"charge": charge_id}).data} == {one.id, two.id}
    charge = v1.charges.retrieve(charge_id)
    assert (charge.amount, charge.amount_refunded, charge.refunded) == (1000, 500, False)


def test_a_refund_without_amount_returns_everything(stand_in):
    intent, charge_id = stand_in.pay(1234)

    refund = stand_in.client.v1.refunds.create({"payment_intent": intent})

    assert refund.amount == 1234
    assert stand_in.client.v1.charges.retrieve(charge_id).refunded is True


def test_each_refund_is_a_line_of_the_balance(stand_in):
    intent, _ = stand_in.pay(1000)
    refund = stand_in.client.v1.refunds.create({"payment_intent": intent, "amount": 400})

    line = stand_in.client.v1.balance_transactions.retrieve(refund.balance_transaction)

    assert (line.type, line.amount, line.source, line.reporting_category) == ("refund", -400, refund.id, "refund")


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda v1: v1.refunds.create({"charge": "ch_nowhere"}), 404),
        (lambda v1: v1.refunds.create({"payment_intent": "pi_nowhere"}), 404),
        (lambda v1: v1.refunds.retrieve("re_nowhere"), 404),
        (lambda v1: v1.charges.retrieve("ch_nowhere"), 404),
        (lambda v1: v1.refunds.create({"amount": 5}), 400),
        (lambda v1: v1.refunds.create({"charge": "ch_nowhere", "amount": 0}), 400),
        (lambda v1: v1.refunds.create({"charge": "ch_nowhere", "colour": "red"}), 400),
    ],
)
def test_what_cannot_be_is_refused_with_the_same_status(stand_in, ask, status):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        ask(stand_in.client.v1)

    assert refused.value.http_status == status


def test_a_caller_without_a_key_is_not_let_in(stand_in):
    url = stand_in.client._requestor._options.base_addresses["api"]
    nobody = stripe.StripeClient("not-a-key", base_addresses={"api": url}, max_network_retries=0)

    with pytest.raises(stripe.AuthenticationError):
        nobody.v1.refunds.list()
