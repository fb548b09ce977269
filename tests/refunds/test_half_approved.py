"""What is added up, what ends an approval that is half done, and what sending it again does (A-25)."""

from datetime import timedelta

import pytest

from tests.refunds.approving import SOFA, at_once, change, dismiss, refused, said
from tests.refunds.asking import again, ask_in_review, balances, do, events_of, grants, hire, payouts_of, rows

# Splits ---------------------------------------------------------------------------------------------------------------


def parts(shop, number, count):
    """Requests for one unit each of one order, all waiting for a person."""
    from recoup.refunds.requests import WantedItem
    from tests.refunds.asking import ask

    cases = [ask(shop, number, items=[WantedItem(sku="sofa", quantity=1)]) for _ in range(count)]
    assert {case.state for case in cases} == {"in_review"}
    return cases


def test_parts_of_one_order_are_added_up(shop, team, limits):
    limits(reviewer_limit_minor=2 * SOFA)
    one, two, three = parts(shop, shop.order(("sofa", 3, 3 * SOFA), email=""), 3)

    assert do(shop, "approve", one, by=team["ines"]).state == "approved"
    assert do(shop, "approve", two, by=team["jonas"]).state == "approved"
    assert do(shop, "approve", three, by=team["ines"]).waits_for == "second_person"
    assert do(shop, "approve", three, by=team["mara"]).state == "approved"
    query = "SELECT DISTINCT stake_minor FROM refunds_approval WHERE case_id = %s"
    assert rows(shop, query, three.id) == [(3 * SOFA,)]


def test_orders_of_one_shopper_are_added_up_whatever_tag_the_address_has(shop, team, limits):
    limits(reviewer_limit_minor=2 * SOFA - 1)
    one = ask_in_review(shop, email="li@home.example")
    two = ask_in_review(shop, email="Li+again@home.example")
    other = ask_in_review(shop, email="ming@home.example")

    assert do(shop, "approve", one, by=team["ines"]).state == "approved"
    assert do(shop, "approve", two, by=team["ines"]).waits_for == "second_person"
    assert do(shop, "approve", other, by=team["ines"]).state == "approved"


def test_what_adds_up_to_the_amount_for_two_people_needs_two(shop, team, limits):
    limits(four_eyes_from_minor=2 * SOFA)
    one, two = ask_in_review(shop), ask_in_review(shop)

    assert do(shop, "approve", one, by=team["mara"]).state == "approved"
    assert do(shop, "approve", two, by=team["mara"]).waits_for == "second_person"


def test_yesterday_is_not_added_up(shop, team, limits):
    limits(reviewer_limit_minor=2 * SOFA - 1, at=shop.now - timedelta(days=9))
    one, two = ask_in_review(shop), ask_in_review(shop)

    do(shop, "approve", one, by=team["ines"], at=shop.now - timedelta(days=1, seconds=1))

    assert do(shop, "approve", two, by=team["ines"]).state == "approved"


def test_parts_that_are_approved_at_once_are_added_up_too(shop, team, limits):
    limits(reviewer_limit_minor=2 * SOFA - 1)
    for _ in range(3):
        email = f"li{_}@home.example"
        cases = [ask_in_review(shop, email=email) for _ in range(4)]
        answers = at_once([lambda case=case: do(shop, "approve", case, by=team["ines"]).state for case in cases])

        assert sorted(answers) == ["approved", "in_review", "in_review", "in_review"]


# What ends a half-done approval ---------------------------------------------------------------------------------------


def test_a_yes_counts_no_more_when_its_giver_has_left(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    dismiss(shop, team["ines"])

    assert do(shop, "approve", case, by=team["jonas"]).waits_for == "second_person"
    assert do(shop, "approve", case, by=team["mara"]).state == "approved"
    assert [actor for actor, is_counted, _ in said(shop, case) if is_counted] == [team["jonas"], team["mara"]]


def test_a_yes_counts_no_more_when_its_giver_decides_no_cases_any_more(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    change(shop, "UPDATE identity_membership SET role = 'support' WHERE person_id = %s", team["ines"][7:])

    assert do(shop, "approve", case, by=team["jonas"]).waits_for == "second_person"


def test_a_yes_from_before_does_not_come_back_with_its_giver(shop, team, limits):
    from recoup.identity import actions

    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    dismiss(shop, team["ines"])
    actions.add_member(
        merchant_id=shop.id, email=f"ines@staff.{shop.slug}.example", name="Ines", password="x", role="reviewer"
    )

    assert do(shop, "approve", case, by=team["jonas"]).waits_for == "second_person"
    assert do(shop, "approve", case, by=team["ines"]).state == "approved"


def test_whoever_has_no_role_any_more_approves_nothing(shop, team):
    case = ask_in_review(shop)
    dismiss(shop, team["ines"])

    assert refused(shop, case, by=team["ines"]) == "ACCESS_DENIED"
    assert refused(shop, case, by=hire(shop, "sue", role="support")) == "ACCESS_DENIED"
    assert refused(shop, case, by="person:01983c6e-0000-7000-8000-000000000000") == "ACCESS_DENIED"
    assert refused(shop, case, by="nobody") == "ACCESS_DENIED"


def test_a_yes_counts_no_more_when_the_shopper_shows_more(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    do(shop, "add_evidence", case, photos=[], words="It is not even mine.", by="shopper")

    assert do(shop, "approve", case, by=team["jonas"]).waits_for == "second_person"


def test_a_yes_counts_no_more_when_the_money_would_go_elsewhere(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop, tenders=[SOFA // 2, SOFA // 2])
    do(shop, "approve", case, by=team["ines"])
    change(shop, "UPDATE payments_capture SET elsewhere_minor = 1 WHERE method = 'gift_card'")
    ((line,),) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    same = grants((line, 1, 20_000))
    do(shop, "approve", case, by=team["ines"], lines=same)
    change(shop, "UPDATE payments_capture SET provider_charge_id = 'ch_elsewhere' WHERE method = 'card'")

    assert do(shop, "approve", case, by=team["jonas"], lines=same).waits_for == "second_person"


def test_a_yes_counts_no_more_when_the_amount_has_changed(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop, quantity=2)
    do(shop, "approve", case, by=team["ines"])
    change(shop, "UPDATE orders_orderline SET claimed_units = '{[0,1)}'")

    assert do(shop, "approve", case, by=team["jonas"]).waits_for == "second_person"


def test_a_no_in_between_ends_it(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    do(shop, "reject", case, by=team["jonas"], reason="The sofa was worn for a year.")
    do(shop, "appeal", case, words="It was torn when it came.", by="shopper")

    assert do(shop, "approve", case, by=team["mara"]).waits_for == "second_person"


def test_limits_that_were_tightened_meanwhile_count(shop, team, limits):
    case = ask_in_review(shop)
    limits(reviewer_limit_minor=SOFA - 1)
    do(shop, "approve", case, by=team["ines"])
    limits(four_eyes_from_minor=1, at=shop.now)

    dismiss(shop, team["ines"])
    assert do(shop, "approve", case, by=team["mara"]).waits_for == "second_person"


# Again, and at once ---------------------------------------------------------------------------------------------------


def test_the_same_form_sent_again_has_no_second_effect(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    done = do(shop, "approve", case, by=team["mara"])
    before = (events_of(shop, case.id), balances(shop), len(payouts_of(shop, case)))

    for person in ("ines", "mara"):
        assert do(shop, "approve", case, by=team[person]) == done

    assert (events_of(shop, case.id), balances(shop), len(payouts_of(shop, case))) == before
    assert refused(shop, case, by=team["jonas"]) == "move_not_allowed"
    assert refused(shop, case, by=team["mara"], with_delivery=True) == "move_not_allowed"


def test_a_yes_after_an_appeal_is_not_taken_for_the_one_before(shop, team):
    case = ask_in_review(shop)
    ((line,),) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    do(shop, "approve", case, by=team["ines"], lines=grants((line, 1, 20_000)))
    do(shop, "appeal", case, words="That is too little.", by="shopper")

    assert do(shop, "approve", case, by=team["ines"]).amount_minor == SOFA


def test_two_second_people_at_once_have_one_effect(shop, team, limits):
    limits(four_eyes_from_minor=1)
    seconds = [hire(shop, f"second{number}") for number in range(5)]
    for _ in range(4):
        case = ask_in_review(shop)
        do(shop, "approve", case, by=team["ines"])

        answers = at_once([lambda by=by, case=case: do(shop, "approve", case, by=by).state for by in seconds])

        assert sorted(answers) == ["approved", *["move_not_allowed"] * 4]
        assert [leg.amount_minor for leg in payouts_of(shop, case)] == [SOFA]
        assert len([row for row in said(shop, case) if row[1]]) == 2


def test_two_first_people_at_once_are_two_people(shop, team, limits):
    limits(four_eyes_from_minor=1)
    for _ in range(4):
        case = ask_in_review(shop)

        answers = at_once(
            [lambda by=by, case=case: do(shop, "approve", case, by=by).state for by in (team["ines"], team["mara"])]
        )

        assert sorted(answers) == ["approved", "in_review"]
        assert [leg.amount_minor for leg in payouts_of(shop, case)] == [SOFA]


def test_one_person_pressing_many_times_at_once_stays_one(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)

    answers = at_once([lambda: do(shop, "approve", case, by=team["mara"]).state] * 6)

    assert answers == ["in_review"] * 6
    assert len(said(shop, case)) == 1
    assert balances(shop) == {}


# What stays -----------------------------------------------------------------------------------------------------------


def test_to_what_somebody_said_yes_cannot_be_changed(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])

    for statement in (
        "UPDATE refunds_approval SET actor = 'person:x'",
        "UPDATE refunds_approval SET proposal_hash = 'x'",
        "UPDATE refunds_approval SET amount_minor = 1",
        "DELETE FROM refunds_approval",
    ):
        with pytest.raises(Exception, match="permission denied"):
            change(shop, statement)
    assert again(shop, case).state == "in_review"
