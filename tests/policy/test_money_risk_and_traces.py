"""Fees and delivery, signs of risk, traces, and an engine that fails: around the plain decisions."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from recoup.refunds.policy import (
    EvidenceFacts,
    GoodsState,
    Outcome,
    Reason,
    ShopperFacts,
    current_floors,
    decide,
    decide_with_trace,
    default_policy,
    read_policy,
)
from tests.policy.builders import a_document, a_line, a_request, decided, table_of

PHOTO = EvidenceFacts(photo_count=1, kinds=("damage",))


class TestFeesAndDelivery:
    def test_opened_electronics_lose_a_tenth(self):
        verdict = decided(a_request(a_line(category="phones", flags=("opened",), goods_minor=4_999)))

        assert [(fee.code, fee.amount_minor) for fee in verdict.deductions] == [("restocking", -499)]
        assert verdict.total_minor == 4_500

    def test_a_fault_never_costs_the_shopper_a_fee_even_when_the_table_says_so(self):
        document = a_document(version="greedy", title="Fees on everything")
        table_of(document, "fees")["rules"] = [
            {"_id": "always", "a-restocking_basis_points": "5000", "a-return_shipping_minor": "900"}
        ]

        verdict = decided(a_request(reason=Reason.DAMAGED, evidence=PHOTO), read_policy(document))

        assert (verdict.deductions, verdict.total_minor) == ((), 2_500)

    def test_fees_never_take_more_than_the_refund(self):
        document = a_document(version="greedy", title="Fees on everything")
        table_of(document, "fees")["rules"] = [
            {"_id": "always", "a-restocking_basis_points": "10000", "a-return_shipping_minor": "900"}
        ]
        facts = a_request(a_line(goods_minor=9_000), goods_state=GoodsState.RECEIVED_OK, country="US")

        verdict = decided(facts, read_policy(document))

        assert verdict.total_minor == 0
        assert sum(fee.amount_minor for fee in verdict.deductions) == -9_000

    def test_a_faulty_full_order_brings_all_of_its_delivery_back(self):
        facts = a_request(
            reason=Reason.DAMAGED,
            evidence=PHOTO,
            completes_full_order=True,
            shipping_minor=900,
            shipping_tax_minor=81,
            shipping_standard_minor=500,
        )

        verdict = decided(facts)

        assert (verdict.shipping_minor, verdict.shipping_tax_minor, verdict.total_minor) == (900, 81, 3_481)

    def test_delivery_stays_when_something_of_the_order_stays(self):
        facts = a_request(reason=Reason.DAMAGED, evidence=PHOTO, shipping_minor=900)

        assert decided(facts).shipping_minor == 0

    def test_delivery_stays_when_one_line_of_a_full_order_is_refused(self):
        facts = a_request(
            a_line("lamp"),
            a_line("card", quantity_ordered=0, goods_minor=0),
            reason=Reason.DAMAGED,
            evidence=PHOTO,
            completes_full_order=True,
            shipping_minor=900,
        )

        assert decided(facts).shipping_minor == 0


class TestRisk:
    def test_a_photo_from_another_case_leads_to_a_person_and_is_named_to_staff(self):
        facts = a_request(reason=Reason.DAMAGED, evidence=EvidenceFacts(photo_count=1, photos_seen_before=1))

        verdict = decided(facts)

        assert (verdict.outcome, verdict.reason_code) == (Outcome.ASK_PERSON, "photos_seen_before")
        assert [(signal.code, signal.weight) for signal in verdict.signals] == [("photo_seen_before", 80)]
        assert "another case" in verdict.signals[0].words

    def test_one_sign_alone_changes_nothing(self):
        verdict = decided(a_request(shopper=ShopperFacts(account_age_days=2)))

        assert verdict.outcome is Outcome.APPROVE
        assert verdict.risk_score == 15

    def test_an_unknown_account_age_is_not_a_new_account(self):
        assert decided(a_request(shopper=ShopperFacts(account_age_days=None))).risk_score == 0

    def test_many_signs_ask_for_the_goods_and_more_for_a_person(self):
        busy = {"cases_last_day": 6, "cases_last_30_days": 12, "orders_count": 10, "orders_refunded_count": 9}
        some = a_request(shopper=ShopperFacts(**busy, account_age_days=3))
        many = a_request(shopper=ShopperFacts(**busy, account_age_days=3, contact_differs_from_order=True))

        assert decided(some).outcome is Outcome.ASK_GOODS
        assert decided(many).outcome is Outcome.ASK_PERSON

    def test_a_signal_of_the_caller_is_weighed_by_the_table(self):
        verdict = decided(a_request(signals=("address_shared",)))

        assert [signal.code for signal in verdict.signals] == ["address_shared"]


class TestTraces:
    def test_the_trace_names_the_row_of_every_table(self):
        trace = decided(a_request()).trace

        assert [row["rule"] for row in trace["eligibility"]] == ["eligibility.everything_else"]
        assert [row["rule"] for row in trace["window"]] == ["window.usual"]
        assert trace["evidence"]["rule"] == "evidence.no_photo_possible"
        assert trace["thresholds"]["rule"] == "thresholds.cheap"
        assert [row["rule"] for row in trace["fees"]] == ["fees.usual"]

    def test_the_engines_own_trace_comes_with_the_same_verdict_and_without_timings(self):
        facts = a_request(reason=Reason.DAMAGED)
        arguments = {"facts": facts, "policy": default_policy(), "floors": current_floors()}

        verdict, trace = decide_with_trace(**arguments)
        _, again = decide_with_trace(**arguments)

        assert verdict == decide(**arguments)
        assert trace == again
        assert trace["first_look"]["window"]["traceData"][0]["rule"]["_id"] == "our_fault"


class _Dreaming:
    """An engine that answers what no row says."""

    def __init__(self, **answers):
        self.answers = answers

    def evaluate(self, key, context, options=None):
        if "raises" in self.answers:
            raise RuntimeError(self.answers["raises"])
        return {"result": self.answers}


@pytest.mark.parametrize(
    "engine",
    [
        _Dreaming(),
        _Dreaming(raises="out of memory"),
        _Dreaming(eligibility=[{}], window=[{}], risk=[]),
        _Dreaming(eligibility=[None], window=[None], risk=None),
        _Dreaming(eligibility=[{"rule": "eligibility.everything_else", "answer": "accept"}], window=[], risk=[]),
    ],
)
def test_a_policy_that_gives_no_clear_answer_leads_to_a_person_never_to_an_error(engine):
    verdict = decided(a_request(), replace(default_policy(), engine=engine))

    assert (verdict.outcome, verdict.reason_code, verdict.total_minor) == (Outcome.ASK_PERSON, "policy_unclear", 0)
    assert verdict.trace["unclear"]


def test_many_threads_may_ask_one_policy_at_once():
    facts = [a_request(a_line(goods_minor=amount)) for amount in range(900, 1_000)]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(decided, facts))

    assert [verdict.total_minor for verdict in together] == list(range(900, 1_000))
