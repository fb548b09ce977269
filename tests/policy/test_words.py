"""What the shopper reads: the answer first, its reason, what to do next; never "refunded" when only approved."""

import string

from recoup.refunds.policy import EvidenceFacts, GoodsState, Outcome, Reason, in_words, line_in_words
from recoup.refunds.policy.schema import ELIGIBILITY_CODES, THRESHOLD_CODES
from recoup.refunds.policy.words import SENTENCES
from tests.policy.builders import a_line, a_request, an_order, days_ago, decided, strict_policy


def test_every_code_that_a_table_may_give_has_its_sentence():
    assert (ELIGIBILITY_CODES | THRESHOLD_CODES) - {""} <= SENTENCES.keys()


def test_sentences_use_only_parameters_that_verdicts_carry():
    used = {name for text in SENTENCES.values() for _, name, _, _ in string.Formatter().parse(text) if name}

    assert used == {"law", "days", "start", "photos", "shows"}


def test_an_approval_says_approved_and_the_amount():
    assert in_words(decided(a_request())) == "Approved: S$25.00. Your request is within the shop's refund policy."


def test_a_rejection_names_the_rule_and_asks_why_you_disagree():
    said = in_words(decided(a_request(order=an_order(delivered_at=days_ago(40)))))

    assert said == (
        "We cannot approve this refund. The time to ask for this is over: the shop gives 30 days from the day it "
        "arrived. If you see it differently, tell us why: a person will read it and answer you."
    )


def test_a_part_approval_lists_the_lines_that_stay():
    said = in_words(decided(a_request(a_line("lamp"), a_line("card", flags=("personalised",)))))

    assert said.startswith("Approved in part: S$25.00.")
    assert "Card: not included. This was made for you personally" in said


def test_fewer_units_are_explained():
    line = a_line(quantity_ordered=2, quantity_requested=5)

    assert "Lamp: 2 of the units asked for" in in_words(decided(a_request(line)))


def test_a_right_is_named():
    verdict = decided(a_request(country="GB"), strict_policy())

    assert "The law gives you the right to cancel within 14 days" in in_words(verdict)


def test_a_question_says_what_to_show():
    facts = a_request(a_line(goods_minor=30_000), reason=Reason.DAMAGED)

    assert "Please add 2 photos showing what is wrong with it and its label." in in_words(decided(facts))


def test_fees_and_delivery_are_said():
    facts = a_request(a_line(category="phones", flags=("opened",), goods_minor=5_000))
    assert "S$5.00 is kept as the shop's restocking fee." in in_words(decided(facts))

    whole = a_request(
        reason=Reason.DAMAGED, evidence=EvidenceFacts(photo_count=1), completes_full_order=True, shipping_minor=900
    )
    assert "Delivery of S$9.00 is included." in in_words(decided(whole))


def test_goods_that_are_wanted_back_are_asked_for():
    verdict = decided(a_request(a_line(goods_minor=9_000), goods_state=GoodsState.AWAITED))

    assert verdict.outcome is Outcome.ASK_GOODS
    assert "Please send the goods back first." in in_words(verdict)


def test_each_line_of_a_rejection_with_two_reasons_is_explained():
    verdict = decided(
        a_request(a_line("lamp", quantity_ordered=0, goods_minor=0), a_line("card", flags=("final_sale",)))
    )

    assert "Card: This was sold as final sale" in in_words(verdict)
    assert line_in_words(verdict.lines[0]).startswith("We cannot find this")
