"""The law beats a merchant who takes nothing back: dated, by country, named in the decision."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recoup.refunds.policy import (
    Channel,
    EvidenceFacts,
    GoodsState,
    LawUnknown,
    LineKind,
    OrderStatus,
    Outcome,
    Reason,
    current_floors,
    floors_of,
    read_policy,
)
from recoup.refunds.policy.floors import _later
from tests.policy.builders import (
    NOON,
    a_document,
    a_line,
    a_request,
    an_order,
    days_ago,
    decided,
    strict_policy,
    table_of,
)

GB, DE, SG = {"country": "GB"}, {"country": "DE"}, {"country": "SG"}
PHOTOS = EvidenceFacts(photo_count=10)

#: Against a merchant that refuses everything.
CASES = {
    "Britain: not wanted, 10 days after it came": (
        a_request(**GB),
        (Outcome.APPROVE, "legal_right", "law.uk-withdrawal-14-days"),
    ),
    "Britain: not wanted, 15 days after it came": (
        a_request(order=an_order(placed_at=days_ago(18), delivered_at=days_ago(15)), **GB),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Britain: faulty, 25 days after it came": (
        a_request(
            order=an_order(placed_at=days_ago(30), delivered_at=days_ago(25)),
            reason=Reason.DEFECTIVE,
            evidence=PHOTOS,
            has_reason_text=True,
            **GB,
        ),
        (Outcome.APPROVE, "legal_right", "law.uk-right-to-reject-30-days"),
    ),
    "Britain: faulty, 100 days after it came": (
        a_request(order=an_order(placed_at=days_ago(110), delivered_at=days_ago(100)), reason=Reason.DEFECTIVE, **GB),
        (Outcome.ASK_PERSON, "legal_remedy_due", "law.uk-repair-first-6-months"),
    ),
    "Britain: faulty food, 25 days after it came, is for a person and not refused": (
        a_request(
            a_line(flags=("perishable",)),
            order=an_order(placed_at=days_ago(30), delivered_at=days_ago(25)),
            reason=Reason.DEFECTIVE,
            **GB,
        ),
        (Outcome.ASK_PERSON, "legal_remedy_due", "law.uk-repair-first-6-months"),
    ),
    "Britain: bought in a shop and not wanted": (
        a_request(order=an_order(channel=Channel.IN_STORE), **GB),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Britain: on its way and not wanted, however old the order": (
        a_request(
            order=an_order(placed_at=days_ago(90), shipped_at=None, delivered_at=None, status=OrderStatus.PLACED), **GB
        ),
        (Outcome.APPROVE, "legal_right", "law.uk-withdrawal-14-days"),
    ),
    "Britain: made for her": (
        a_request(a_line(flags=("personalised",)), **GB),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Britain: a sealed film that was opened": (
        a_request(a_line(flags=("media_sealed", "opened")), **GB),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Britain: a sealed film that is still sealed": (
        a_request(a_line(flags=("media_sealed",)), **GB),
        (Outcome.APPROVE, "legal_right", "law.uk-withdrawal-14-days"),
    ),
    "Germany: an e-book not yet downloaded": (
        a_request(a_line(kind=LineKind.DIGITAL), **DE),
        (Outcome.APPROVE, "legal_right", "law.eu-withdrawal-14-days"),
    ),
    "Germany: an e-book that was downloaded": (
        a_request(a_line(kind=LineKind.DIGITAL, flags=("downloaded",)), **DE),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Germany: faulty after 23 months": (
        a_request(order=an_order(placed_at=days_ago(705), delivered_at=days_ago(700)), reason=Reason.DEFECTIVE, **DE),
        (Outcome.ASK_PERSON, "legal_remedy_due", "law.eu-guarantee-2-years"),
    ),
    "Germany: faulty after 25 months": (
        a_request(order=an_order(placed_at=days_ago(770), delivered_at=days_ago(760)), reason=Reason.DEFECTIVE, **DE),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Singapore: faulty after five months": (
        a_request(order=an_order(placed_at=days_ago(155), delivered_at=days_ago(150)), reason=Reason.DEFECTIVE, **SG),
        (Outcome.ASK_PERSON, "legal_remedy_due", "law.sg-lemon-law-6-months"),
    ),
    "Singapore: not wanted": (
        a_request(**SG),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "A country without rules here": (
        a_request(country="US", reason=Reason.DEFECTIVE),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
    "Nobody knows the country": (
        a_request(country=None, reason=Reason.DEFECTIVE),
        (Outcome.REJECT, "final_sale", "eligibility.always"),
    ),
}


@pytest.mark.parametrize("story", CASES)
def test_against_a_merchant_that_refuses_everything(story):
    facts, expected = CASES[story]

    verdict = decided(facts, strict_policy())

    assert (verdict.outcome, verdict.reason_code, verdict.rule) == expected
    if verdict.rule.startswith("law."):
        assert verdict.rule.removeprefix("law.") in verdict.floors


def test_a_withdrawal_gets_the_whole_price_without_photos_or_a_restocking_fee():
    verdict = decided(a_request(a_line(goods_minor=8_000), **GB), strict_policy())

    assert (verdict.outcome, verdict.total_minor, verdict.deductions) == (Outcome.APPROVE, 8_000, ())
    assert verdict.floors == ("uk-withdrawal-14-days",)


def test_a_withdrawal_from_the_whole_order_brings_standard_delivery_back_not_express():
    facts = a_request(
        completes_full_order=True,
        shipping_minor=1_500,
        shipping_tax_minor=301,
        shipping_standard_minor=500,
        **DE,
    )

    verdict = decided(facts)

    assert (verdict.shipping_minor, verdict.shipping_tax_minor) == (500, 101)
    assert verdict.floors == ("eu-withdrawal-14-days",)


def test_posting_the_goods_back_may_be_the_shoppers_cost_on_a_withdrawal():
    document = a_document(version="labels-1", title="We sell labels")
    table_of(document, "fees")["rules"] = [
        {"_id": "always", "a-restocking_basis_points": "2000", "a-return_shipping_minor": "400"}
    ]
    facts = a_request(a_line(goods_minor=9_000), goods_state=GoodsState.RECEIVED_OK, **GB)

    verdict = decided(facts, read_policy(document))

    assert [(fee.code, fee.amount_minor) for fee in verdict.deductions] == [("return_shipping", -400)]
    assert verdict.floors == ("uk-withdrawal-14-days",)


def test_a_policy_kinder_than_the_law_decides_by_itself_and_names_no_floor():
    verdict = decided(a_request(**GB))

    assert (verdict.outcome, verdict.rule, verdict.floors) == (Outcome.APPROVE, "window.usual", ())


def test_the_law_does_not_pay_for_what_was_never_bought_or_is_refunded():
    facts = a_request(
        a_line("a", quantity_ordered=0, goods_minor=0), a_line("b", quantity_already_refunded=1, goods_minor=0), **GB
    )

    assert decided(facts, strict_policy()).outcome is Outcome.REJECT


def test_a_law_governs_only_contracts_made_since_it_began():
    begun = datetime(2014, 6, 13, 9, tzinfo=UTC)
    on_the_day = a_request(
        requested_at=begun + timedelta(days=5), order=an_order(placed_at=begun, delivered_at=begun), **GB
    )
    before = begun - timedelta(days=1)
    the_day_before = a_request(
        requested_at=begun + timedelta(days=5), order=an_order(placed_at=before, delivered_at=begun), **GB
    )

    assert decided(on_the_day, strict_policy()).outcome is Outcome.APPROVE
    assert decided(the_day_before, strict_policy()).outcome is Outcome.REJECT


def test_an_old_contract_is_judged_by_the_law_of_its_time():
    placed = datetime(2021, 12, 20, tzinfo=UTC)
    facts = a_request(
        requested_at=placed + timedelta(days=400),
        order=an_order(placed_at=placed, delivered_at=placed),
        reason=Reason.DEFECTIVE,
        **DE,
    )

    assert decided(facts, strict_policy()).rule == "law.eu-guarantee-2-years-1999"


def test_when_nobody_recorded_the_arrival_the_latest_lawful_day_counts():
    unknown = an_order(placed_at=days_ago(40), shipped_at=None, delivered_at=None, status=OrderStatus.DELIVERED)

    assert decided(a_request(order=unknown, **GB), strict_policy()).outcome is Outcome.APPROVE


def test_the_union_has_27_countries_and_britain_is_none_of_them():
    countries = {
        country
        for country, rules in current_floors().by_country.items()
        if any(rule.id == "eu-withdrawal-14-days" for rule in rules)
    }

    assert len(countries) == 27
    assert not countries & {"GB", "CH", "NO", "SG"}


def test_every_rule_has_its_source():
    rules = {rule.id: rule for rules in current_floors().by_country.values() for rule in rules}

    assert len(rules) == 7
    assert all(rule.source_url.startswith("https://") and rule.source_title for rule in rules.values())


def test_a_published_law_file_is_never_changed():
    assert current_floors().version == "2026-11+14032261"
    assert floors_of(current_floors().version) is not None
    with pytest.raises(LawUnknown):
        floors_of("2026-11+00000000")
    with pytest.raises(LawUnknown):
        floors_of("1999-01")
    with pytest.raises(LawUnknown):
        floors_of("../law/2026-11")


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        (date(2026, 8, 31), {"months": 6}, date(2027, 2, 28)),
        (date(2024, 2, 29), {"years": 2}, date(2026, 2, 28)),
        (date(2026, 11, 20), {"days": 14}, date(2026, 12, 4)),
        (date(2026, 12, 31), {"months": 1}, date(2027, 1, 31)),
    ],
)
def test_months_end_where_the_calendar_does(start, period, end):
    assert _later(start, period) == end


def test_a_british_shopper_has_until_the_fourteenth_day_is_over():
    delivered = NOON - timedelta(days=14, hours=8)
    facts = a_request(order=an_order(placed_at=days_ago(20), delivered_at=delivered), **GB)

    assert decided(facts, strict_policy()).outcome is Outcome.APPROVE
