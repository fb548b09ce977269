"""Limits by amount, and two people where the company asks for it (A-25)."""

import pytest

from tests.refunds.approving import SOFA, refused, said
from tests.refunds.asking import ask_in_review, balances, do, events_of, grants, hire, payouts_of, rows

# Limits ---------------------------------------------------------------------------------------------------------------


def test_a_company_without_limits_lets_every_reviewer_approve_alone(shop, team):
    case = ask_in_review(shop)

    assert do(shop, "approve", case, by=team["ines"]).state == "approved"
    assert said(shop, case) == [(team["ines"], True, 1)]


def test_within_the_limit_one_person_is_enough(shop, team, limits):
    limits(reviewer_limit_minor=SOFA)

    assert do(shop, "approve", ask_in_review(shop), by=team["ines"]).state == "approved"


def test_above_the_limit_the_yes_is_kept_and_no_money_moves(shop, team, limits):
    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)

    half = do(shop, "approve", case, by=team["ines"], note="Sorry about the sofa.")

    assert (half.state, half.waits_for, half.amount_minor) == ("in_review", "second_person", 0)
    assert (balances(shop), payouts_of(shop, case)) == ({}, [])
    assert said(shop, case) == [(team["ines"], False, 1)]
    assert events_of(shop, case.id)[-1] == "case.half_approved"


def test_a_second_person_with_a_higher_limit_completes_it(shop, team, limits):
    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])

    done = do(shop, "approve", case, by=team["mara"], note="Sorry about the sofa.")

    assert (done.state, done.amount_minor, done.waits_for) == ("approved", SOFA, "")
    assert balances(shop)["reserved_refunds"] == -SOFA
    assert said(shop, case) == [(team["ines"], True, 1), (team["mara"], True, 1)]


def test_two_people_with_too_low_limits_are_not_enough(shop, team, limits):
    limits(reviewer_limit_minor=SOFA - 1, manager_limit_minor=SOFA - 1)
    case = ask_in_review(shop)

    for person in team.values():
        assert do(shop, "approve", case, by=person).waits_for == "second_person"

    assert balances(shop) == {}


def test_a_person_may_have_a_limit_of_their_own(shop, limits):
    limits(reviewer_limit_minor=SOFA - 1, manager_limit_minor=None)
    trusted = hire(shop, "trusted", limit_minor=SOFA)
    beginner = hire(shop, "beginner", role="manager", limit_minor=100)

    assert do(shop, "approve", ask_in_review(shop), by=trusted).state == "approved"
    other = ask_in_review(shop, email="li@somewhere.example")
    assert do(shop, "approve", other, by=beginner).waits_for == "second_person"


def test_an_amount_in_another_currency_is_above_every_limit(shop, team, limits):
    limits(reviewer_limit_minor=10**12)
    case = ask_in_review(shop, currency="EUR")

    assert do(shop, "approve", case, by=team["ines"]).waits_for == "second_person"
    assert do(shop, "approve", case, by=team["mara"]).state == "approved"


# Two people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [{"four_eyes_from_minor": SOFA}, {"four_eyes_reasons": ("changed_mind",)}, {"four_eyes_from_risk": 0}],
)
def test_two_people_are_needed_where_the_company_says_so(shop, team, limits, rule):
    limits(**rule)
    case = ask_in_review(shop)

    assert do(shop, "approve", case, by=team["mara"]).waits_for == "second_person"
    assert do(shop, "approve", case, by=team["ines"]).state == "approved"
    assert said(shop, case) == [(team["mara"], True, 2), (team["ines"], True, 2)]


def test_below_that_amount_or_for_other_reasons_one_is_enough(shop, team, limits):
    limits(four_eyes_from_minor=SOFA + 1, four_eyes_reasons=("late",), four_eyes_from_risk=1000)

    assert do(shop, "approve", ask_in_review(shop), by=team["ines"]).state == "approved"


def test_one_person_is_not_two_by_saying_it_again(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)

    for _ in range(3):
        assert do(shop, "approve", case, by=team["mara"]).waits_for == "second_person"

    assert said(shop, case) == [(team["mara"], False, 2)]
    assert events_of(shop, case.id).count("case.half_approved") == 1


def test_one_person_is_not_two_by_another_account(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    first = hire(shop, "kim", email=f"kim@{shop.slug}.example")
    twin = hire(shop, "twin", email=f"Kim+second@{shop.slug}.example", role="manager")
    do(shop, "approve", case, by=first)

    assert refused(shop, case, by=twin) == "same_person"
    assert balances(shop) == {}


def test_a_second_address_that_is_proved_is_the_same_person(shop, team, limits):
    from allauth.account.models import EmailAddress

    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    EmailAddress.objects.create(
        user_id=team["ines"][7:], email=f"jonas+private@staff.{shop.slug}.example", verified=True
    )
    do(shop, "approve", case, by=team["jonas"])

    assert refused(shop, case, by=team["ines"]) == "same_person"


def test_two_people_must_say_yes_to_the_same(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    ((line,),) = rows(shop, "SELECT order_line_id FROM refunds_caseline WHERE case_id = %s", case.id)
    do(shop, "approve", case, by=team["ines"], lines=grants((line, 1, 20_000)))

    assert do(shop, "approve", case, by=team["jonas"], lines=grants((line, 1, 20_001))).waits_for == "second_person"
    assert balances(shop) == {}
    assert do(shop, "approve", case, by=team["mara"], lines=grants((line, 1, 20_001))).amount_minor == 20_001
    assert said(shop, case) == [(team["ines"], False, 2), (team["jonas"], True, 2), (team["mara"], True, 2)]


# Own refunds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["kim@home.example", "KIM@home.example", "kim+shop@home.example"])
def test_nobody_approves_a_refund_to_their_own_mailbox(shop, address):
    kim = hire(shop, "kim", email=address.replace("@", f"@{shop.slug}."))
    case = ask_in_review(shop, email=f"kim@{shop.slug}.home.example")

    assert refused(shop, case, by=kim) == "own_refund"
    assert (balances(shop), said(shop, case)) == ({}, [])


def test_nobody_approves_a_refund_to_an_address_they_give_with_the_case_only(shop, team):
    """The order is theirs, the contact of the case is another one."""
    from recoup.refunds import actions
    from recoup.refunds.requests import RefundRequest

    number = shop.order(("sofa", 1, SOFA), email=f"ines@staff.{shop.slug}.example")
    asked = RefundRequest(
        order_number=number, reason="changed_mind", channel="api", email="friend@home.example", goods_received=True
    )
    case = actions.submit(request=asked, merchant_id=shop.id, by="shopper", at=shop.now)

    assert refused(shop, case, by=team["ines"]) == "own_refund"


def test_nobody_approves_a_refund_to_their_own_telephone(shop, team):
    from recoup.identity.models import Person

    phone = f"+65{int(shop.id.hex[:8], 16) % 10**8:08d}"
    Person.objects.filter(id=team["ines"].partition(":")[2]).update(phone=phone, phone_verified_at=shop.now)
    case = ask_in_review(shop, phone=f"{phone[3:7]} {phone[7:]}")

    assert refused(shop, case, by=team["ines"]) == "own_refund"


def test_nobody_approves_what_they_asked_for_themselves(shop, team):
    from recoup.refunds import actions
    from recoup.refunds.requests import RefundRequest

    asked = RefundRequest(
        order_number=shop.order(("sofa", 1, SOFA)), reason="changed_mind", channel="web", goods_received=True
    )
    case = actions.submit(request=asked, merchant_id=shop.id, by=team["ines"], at=shop.now)

    assert refused(shop, case, by=team["ines"]) == "own_refund"
    assert do(shop, "approve", case, by=team["jonas"]).state == "approved"


def test_the_shopper_is_not_the_second_person_either(shop, team, limits):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop, email=f"jonas@staff.{shop.slug}.example")
    do(shop, "approve", case, by=team["ines"])

    assert refused(shop, case, by=team["jonas"]) == "own_refund"


# Keys -----------------------------------------------------------------------------------------------------------------


def test_a_key_approves_within_its_own_limit_and_the_companys_for_keys(shop, limits, key):
    limits(key_limit_minor=2 * SOFA)

    for limit, state in ((SOFA, "approved"), (SOFA - 1, "in_review"), (None, "approved")):
        case = ask_in_review(shop, email=f"{limit}@home.example")
        assert do(shop, "approve", case, by=key(limit)).state == state


def test_a_limit_at_the_key_does_not_lift_the_companys(shop, limits, key):
    limits(key_limit_minor=SOFA - 1)

    assert do(shop, "approve", ask_in_review(shop), by=key(10**9)).waits_for == "second_person"


def test_a_key_is_nobodys_eyes(shop, team, limits, key):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)

    for actor in (key(), key(), team["mara"]):
        assert do(shop, "approve", case, by=actor).waits_for == "second_person"

    assert do(shop, "approve", case, by=team["ines"]).state == "approved"


def test_a_key_that_is_taken_away_approves_nothing(shop, key):
    from recoup.access import actions

    case, gone = ask_in_review(shop), key()
    actions.revoke_key(merchant_id=shop.id, key_id=gone[4:], by="test", at=shop.now)

    assert refused(shop, case, by=gone) == "ACCESS_DENIED"
    assert refused(shop, case, by=key(scopes=("refunds:read",))) == "ACCESS_DENIED"
