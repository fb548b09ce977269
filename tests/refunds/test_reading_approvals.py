"""What colleagues see of approvals: who said yes to what, whether it still counts, and what their own would come to."""

import pytest

from recoup.kernel.errors import Refusal
from tests.refunds.approving import SOFA, dismiss
from tests.refunds.asking import ask_in_review, do, hire


@pytest.fixture
def look(shop):
    from recoup.refunds import queries

    def at(name, case, **words):
        return getattr(queries, name)(merchant_id=shop.id, case_id=case.id, at=shop.now, **words)

    return at


def test_colleagues_see_who_said_yes_and_to_what(shop, team, limits, look):
    from recoup.refunds import queries

    limits(reviewer_limit_minor=SOFA - 1)
    case, other = ask_in_review(shop), ask_in_review(shop)
    assert look("yeses_that_wait", case) == []
    do(shop, "approve", case, by=team["ines"], note="It arrived broken.")

    (yes,) = look("yeses_that_wait", case)
    assert (yes.name, yes.note, yes.amount_minor, yes.currency, yes.is_good) == (
        "Ines",
        "It arrived broken.",
        SOFA,
        "SGD",
        True,
    )
    assert (yes.lines, yes.whys, yes.people_needed) == ((("The sofa", 1, SOFA),), (queries.Why.ABOVE_LIMIT,), 1)
    assert queries.who_said_yes(merchant_id=shop.id, case_ids=[case.id, other.id]) == {case.id: "Ines"}


def test_a_yes_that_counts_no_more_is_seen_as_such(shop, team, limits, look):
    limits(four_eyes_from_minor=1)
    left, shown = ask_in_review(shop), ask_in_review(shop)
    do(shop, "approve", left, by=team["ines"])
    do(shop, "approve", shown, by=team["jonas"])
    dismiss(shop, team["ines"])
    do(shop, "add_evidence", shown, photos=[], words="One more thing.", by="shopper")

    assert [(yes.name, yes.is_good) for yes in look("yeses_that_wait", left)] == [("Somebody who has left", False)]
    assert [(yes.name, yes.is_good) for yes in look("yeses_that_wait", shown)] == [("Jonas", False)]


def test_a_case_that_was_decided_waits_for_nobody(shop, team, limits, look):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by=team["ines"])
    do(shop, "approve", case, by=team["jonas"])

    assert look("yeses_that_wait", case) == []


def test_everybody_is_told_before_what_their_yes_would_come_to(shop, team, limits, look):
    from recoup.refunds import queries

    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)

    first = look("outlook", case, by=team["ines"])
    alone = look("outlook", case, by=team["mara"])
    assert (first.limit_minor, first.ruling.is_enough, first.ruling.whys) == (
        SOFA - 1,
        False,
        (queries.Why.ABOVE_LIMIT,),
    )
    assert (alone.limit_minor, alone.ruling.is_enough) == (None, True)
    assert look("yeses_that_wait", case) == []


def test_whoever_may_not_approve_is_told_before(shop, team, look):
    case = ask_in_review(shop, email=f"ines@staff.{shop.slug}.example")

    for by, code in ((team["ines"], "own_refund"), (hire(shop, "sue", role="support"), "ACCESS_DENIED")):
        with pytest.raises(Refusal) as refused:
            look("outlook", case, by=by)
        assert refused.value.code == code


def test_a_person_is_told_their_limit(shop, team, limits):
    from recoup.refunds import queries

    limits(reviewer_limit_minor=SOFA)
    own = hire(shop, "own", limit_minor=7)

    def limit(by):
        return queries.limit_of(merchant_id=shop.id, by=by, at=shop.now)

    assert [limit(by) for by in (team["ines"], team["mara"], own, "person:x")] == [SOFA, None, 7, 0]
