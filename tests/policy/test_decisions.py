"""What the default policy answers to ordinary people."""

import pytest

from recoup.refunds.policy import (
    Channel,
    EvidenceFacts,
    GoodsState,
    LineKind,
    OrderStatus,
    Outcome,
    Reason,
    read_policy,
)
from tests.policy.builders import a_document, a_line, a_request, an_order, days_ago, decided, table_of

PHOTO = EvidenceFacts(photo_count=1, kinds=("damage",))

CASES = {
    "Mei changed her mind about a cheap lamp within 30 days": (
        a_request(),
        (Outcome.APPROVE, 2_500, "within_policy", "window.usual"),
    ),
    "Mei changed her mind after 40 days": (
        a_request(order=an_order(delivered_at=days_ago(40))),
        (Outcome.REJECT, 0, "window_closed", "window.usual"),
    ),
    "Mei's shirt does not fit after 40 days, and clothes have 45": (
        a_request(a_line(category="clothing"), order=an_order(delivered_at=days_ago(40)), reason=Reason.WRONG_SIZE),
        (Outcome.APPROVE, 2_500, "within_policy", "window.clothing"),
    ),
    "Ravi no longer wants a phone after 20 days, and phones have 14": (
        a_request(a_line(category="phones"), order=an_order(delivered_at=days_ago(20))),
        (Outcome.REJECT, 0, "window_closed", "window.electronics"),
    ),
    "Ravi's chair is not wanted and dear: it comes back first": (
        a_request(a_line(goods_minor=9_000)),
        (Outcome.ASK_GOODS, 0, "goods_back", "thresholds.not_cheap"),
    ),
    "Ravi's chair is on its way back": (
        a_request(a_line(goods_minor=9_000), goods_state=GoodsState.AWAITED),
        (Outcome.ASK_GOODS, 0, "goods_back", "thresholds.not_cheap"),
    ),
    "Ravi's chair came back as it was": (
        a_request(a_line(goods_minor=9_000), goods_state=GoodsState.RECEIVED_OK),
        (Outcome.APPROVE, 9_000, "within_policy", "window.usual"),
    ),
    "Ravi's chair came back broken": (
        a_request(a_line(goods_minor=9_000), goods_state=GoodsState.RECEIVED_DAMAGED),
        (Outcome.ASK_PERSON, 0, "goods_not_as_sent", "goods.received_damaged"),
    ),
    "Aisha's cup broke, it was cheap: believed without a photo": (
        a_request(a_line(goods_minor=900), reason=Reason.DAMAGED),
        (Outcome.APPROVE, 900, "within_policy", "window.our_fault"),
    ),
    "Aisha's lamp broke: one photo, please": (
        a_request(reason=Reason.DAMAGED),
        (Outcome.ASK_EVIDENCE, 0, "photos_needed", "evidence.fault"),
    ),
    "Aisha sent the photo": (
        a_request(reason=Reason.DAMAGED, evidence=PHOTO),
        (Outcome.APPROVE, 2_500, "within_policy", "window.our_fault"),
    ),
    "Aisha's sofa came broken: two photos": (
        a_request(a_line(goods_minor=30_000), reason=Reason.DAMAGED, evidence=PHOTO),
        (Outcome.ASK_EVIDENCE, 0, "photos_needed", "evidence.fault_dear"),
    ),
    "Aisha's sofa for more than 500 dollars: a person": (
        a_request(a_line(goods_minor=60_000), reason=Reason.DAMAGED, evidence=EvidenceFacts(photo_count=2)),
        (Outcome.ASK_PERSON, 0, "amount_high", "thresholds.high_amount"),
    ),
    "Tom's parcel never came and the carrier says nothing": (
        a_request(order=an_order(delivered_at=None, status=OrderStatus.SHIPPED), reason=Reason.NOT_ARRIVED),
        (Outcome.APPROVE, 2_500, "within_policy", "window.never_came"),
    ),
    "Tom's parcel never came but the carrier says it did": (
        a_request(reason=Reason.NOT_ARRIVED),
        (Outcome.ASK_PERSON, 0, "delivered_says_carrier", "thresholds.carrier_disagrees"),
    ),
    "Tom cancelled before it left": (
        a_request(
            a_line(goods_minor=20_000),
            order=an_order(shipped_at=None, delivered_at=None, status=OrderStatus.PLACED),
            reason=Reason.CANCELLED_BEFORE_DISPATCH,
        ),
        (Outcome.APPROVE, 20_000, "within_policy", "window.never_came"),
    ),
    "Tom cancelled, but it had left already": (
        a_request(
            order=an_order(delivered_at=None, status=OrderStatus.SHIPPED), reason=Reason.CANCELLED_BEFORE_DISPATCH
        ),
        (Outcome.ASK_GOODS, 0, "already_shipped", "thresholds.on_its_way"),
    ),
    "Lina was charged too much": (
        a_request(reason=Reason.OVERCHARGED, has_reason_text=True),
        (Outcome.ASK_PERSON, 0, "amount_unclear", "thresholds.overcharged"),
    ),
    "Lina has a reason of her own and does not say it": (
        a_request(reason=Reason.OTHER),
        (Outcome.ASK_EVIDENCE, 0, "own_words_needed", "evidence.other"),
    ),
    "Lina says it": (
        a_request(reason=Reason.OTHER, has_reason_text=True),
        (Outcome.APPROVE, 2_500, "within_policy", "window.usual"),
    ),
    "Lina's earrings have no hygiene seal any more": (
        a_request(a_line(flags=("hygiene_sealed", "opened"))),
        (Outcome.REJECT, 0, "hygiene_opened", "eligibility.hygiene_opened"),
    ),
    "Lina's earrings have a broken seal and are faulty": (
        a_request(a_line(flags=("hygiene_sealed", "opened"), goods_minor=900), reason=Reason.DEFECTIVE),
        (Outcome.APPROVE, 900, "within_policy", "window.stopped_working"),
    ),
    "Lina bought a final sale and does not want it": (
        a_request(a_line(flags=("final_sale",))),
        (Outcome.REJECT, 0, "final_sale", "eligibility.final_sale"),
    ),
    "A gift card may have been spent": (
        a_request(a_line(kind=LineKind.GIFT_CARD)),
        (Outcome.ASK_PERSON, 0, "kind_needs_person", "eligibility.gift_card"),
    ),
    "The merchant's system does not know the order": (
        a_request(order=an_order(status=OrderStatus.NOT_FOUND)),
        (Outcome.REJECT, 0, "never_bought", "order.not_found"),
    ),
    "The merchant's system does not answer": (
        a_request(a_line(quantity_ordered=0), order=an_order(status=OrderStatus.UNKNOWN)),
        (Outcome.ASK_PERSON, 0, "order_unknown", "order.unknown"),
    ),
    "What was never bought is not paid": (
        a_request(a_line(quantity_ordered=0, goods_minor=0)),
        (Outcome.REJECT, 0, "never_bought", "bought.never"),
    ),
    "What was already refunded is not paid again": (
        a_request(a_line(quantity_already_refunded=1, goods_minor=0)),
        (Outcome.REJECT, 0, "already_refunded", "bought.already_refunded"),
    ),
    "What cost nothing gives nothing": (
        a_request(a_line(goods_minor=1_000, discount_minor=-1_000)),
        (Outcome.REJECT, 0, "nothing_paid", "bought.nothing_paid"),
    ),
    "An unknown currency is nothing to guess about": (
        a_request(currency="XTS", country=None),
        (Outcome.ASK_PERSON, 0, "unknown_currency", "thresholds.other_currency"),
    ),
    "Three thousand yen is not three thousand dollars": (
        a_request(a_line(goods_minor=3_000), currency="JPY", country="JP"),
        (Outcome.APPROVE, 3_000, "within_policy", "window.usual"),
    ),
}


@pytest.mark.parametrize("story", CASES)
def test_the_default_policy_answers(story):
    facts, expected = CASES[story]

    verdict = decided(facts)

    assert (verdict.outcome, verdict.total_minor, verdict.reason_code, verdict.rule) == expected


@pytest.mark.parametrize("kind", [LineKind.DISCOUNT, LineKind.FEE, LineKind.ADJUSTMENT, LineKind.SHIPPING])
def test_a_merchant_cannot_make_postage_fees_or_adjustments_automatic(kind):
    document = a_document(version="generous", title="Everything back")
    table_of(document, "eligibility")["rules"] = [{"_id": "always", "a-answer": '"accept"'}]

    verdict = decided(a_request(a_line(kind=kind)), read_policy(document))

    assert (verdict.outcome, verdict.total_minor) == (Outcome.ASK_PERSON, 0)
    assert verdict.rule == "always.kind_needs_person"


def test_a_discount_line_never_takes_money_from_the_shopper():
    verdict = decided(a_request(a_line(kind=LineKind.DISCOUNT, goods_minor=-800)))

    assert verdict.outcome is Outcome.ASK_PERSON
    assert verdict.lines[0].total_minor == 0
    assert verdict.proposed_minor == 0


def test_one_line_may_go_back_while_the_other_stays():
    verdict = decided(a_request(a_line("lamp"), a_line("card", flags=("personalised",), goods_minor=700)))

    assert verdict.outcome is Outcome.APPROVE_PARTLY
    assert [(line.line_id, line.outcome, line.total_minor) for line in verdict.lines] == [
        ("lamp", Outcome.APPROVE, 2_500),
        ("card", Outcome.REJECT, 0),
    ]
    assert verdict.total_minor == 2_500


def test_asking_for_more_units_than_are_left_pays_those_that_are_left():
    line = a_line(quantity_ordered=3, quantity_requested=5, quantity_already_refunded=1, goods_minor=5_000)

    verdict = decided(a_request(line))

    assert verdict.outcome is Outcome.APPROVE_PARTLY
    assert (verdict.lines[0].quantity, verdict.total_minor) == (2, 5_000)


def test_every_component_of_a_line_is_the_frozen_integer():
    line = a_line(goods_minor=3_333, discount_minor=-334, tax_minor=269, fee_minor=51)

    verdict = decided(a_request(line))

    paid = verdict.lines[0]
    assert (paid.goods_minor, paid.discount_minor, paid.tax_minor, paid.fee_minor) == (3_333, -334, 269, 51)
    assert paid.total_minor == verdict.total_minor == 3_319


def test_while_a_question_is_open_nothing_is_granted_but_the_amount_at_stake_is_shown():
    verdict = decided(a_request(reason=Reason.DAMAGED))

    assert verdict.outcome is Outcome.ASK_EVIDENCE
    assert (verdict.total_minor, verdict.proposed_minor, verdict.lines[0].total_minor) == (0, 2_500, 2_500)
    assert verdict.asks == ("damage",)
    assert not verdict.grants


def test_more_than_was_left_of_the_payment_goes_to_a_person():
    verdict = decided(a_request(order=an_order(paid_minor=5_000, refunded_minor=3_000)))

    assert (verdict.outcome, verdict.reason_code) == (Outcome.ASK_PERSON, "more_than_paid")


def test_what_was_bought_in_a_shop_has_the_merchants_window_only():
    verdict = decided(a_request(country="GB", order=an_order(channel=Channel.IN_STORE)))

    assert (verdict.outcome, verdict.floors) == (Outcome.APPROVE, ())


def test_the_last_day_lasts_until_it_is_over_everywhere():
    delivered = days_ago(30)
    last_minute = a_request(order=an_order(placed_at=days_ago(33), delivered_at=delivered))
    too_late = a_request(
        order=an_order(placed_at=days_ago(33), delivered_at=delivered), requested_at=days_ago(-1).replace(minute=1)
    )

    assert decided(last_minute).outcome is Outcome.APPROVE
    assert decided(too_late).outcome is Outcome.REJECT
