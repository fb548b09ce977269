"""Limits by amount, two people where the company asks for it, and what ends an approval that is half done (A-25)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from recoup.access import tenancy
from recoup.kernel.errors import Refusal
from tests.refunds.asking import again, ask_in_review, balances, do, events_of, grants, hire, payouts_of, rows

SOFA = 90_000


@pytest.fixture
def limits(shop):
    """The company sets its limits, long enough ago that they count."""
    from recoup.merchants import actions, queries

    def say(*, at=shop.now - timedelta(days=3), **told):
        actions.set_approval_limits(merchant_id=shop.id, limits=queries.Limits(**told), by="person:boss", at=at)

    return say


@pytest.fixture
def team(shop):
    """Two reviewers and a manager."""
    return {"ines": hire(shop, "ines"), "jonas": hire(shop, "jonas"), "mara": hire(shop, "mara", role="manager")}


def refused(shop, case, **words):
    with pytest.raises(Refusal) as refusal:
        do(shop, "approve", case, **words)
    return refusal.value.code


def said(shop, case):
    """Who has said yes to the case, and whether it counted."""
    query = (
        "SELECT actor, decided_at IS NOT NULL, people_needed FROM refunds_approval WHERE case_id = %s ORDER BY at, id"
    )
    return rows(shop, query, case.id)


def change(shop, statement, *values):
    @tenancy.action
    def write(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    write(merchant_id=shop.id)


def dismiss(shop, actor):
    change(shop, "DELETE FROM identity_membership WHERE person_id = %s", actor.partition(":")[2])


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

    assert said(shop, case) == [(team["mara"], False, 1)]
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
    assert said(shop, case) == [(team["ines"], False, 1), (team["jonas"], True, 2), (team["mara"], True, 2)]


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


def at_once(calls):
    """All calls begin together; what each gave, or the code of its refusal."""
    given, barrier = [], threading.Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            given.append(call())
        except Refusal as refusal:
            given.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return given


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


# Keys -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(shop):
    from recoup.access import actions

    def make(limit=None, scopes=("refunds:review",)):
        key_id, _ = actions.create_key(
            merchant_id=shop.id, label="till", scopes=scopes, by="test", at=shop.now, approve_limit_minor=limit
        )
        return f"key:{key_id}"

    return make


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
