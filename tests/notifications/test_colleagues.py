"""A case waits for a second person: its company's managers hear of it by mail, once each."""

import pytest

from recoup.config.hearing import Listener
from recoup.config.subscriptions import SUBSCRIPTIONS
from tests.letters import letters
from tests.refunds.approving import SOFA
from tests.refunds.asking import ask_in_review, do, hire
from tests.refunds.conftest import limits

__all__ = ["letters", "limits"]
(COLLEAGUES,) = (one for one in SUBSCRIPTIONS if one.name == "colleagues")


@pytest.fixture
def staff(shop):
    """A reviewer and two managers: their addresses."""
    people = {"ines": "reviewer", "mara": "manager", "olga": "manager"}
    for name, role in people.items():
        hire(shop, name, role=role)
    return {name: f"{name}@staff.{shop.slug}.example" for name in people}


@pytest.fixture
def hear(as_worker, noon):
    """Everything that happened so far is heard."""

    def run():
        with as_worker():
            listener = Listener(COLLEAGUES)
            while listener(at=noon):
                pass

    return run


@pytest.fixture
def told(letters, staff):
    """The subjects of what waits to be sent to somebody of the staff."""
    return lambda name: [letter.subject for letter in letters.to(staff[name])]


def test_each_manager_is_told_once_of_a_first_yes_and_nobody_else(shop, staff, limits, hear, told, letters):
    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by="person:ines")

    for _ in range(2):
        hear()
        do(shop, "approve", case, by="person:ines")

    subject = f"{case.number} waits for a second person"
    assert (told("mara"), told("olga"), told("ines")) == ([subject], [subject], [])
    assert f"/review/{case.number}" in letters.to(staff["mara"])[0].text


def test_who_said_yes_and_whose_refund_it_is_are_not_told(shop, staff, limits, hear, told):
    limits(four_eyes_from_minor=1)
    case = ask_in_review(shop, email=staff["olga"].upper())
    do(shop, "approve", case, by="person:mara")

    hear()

    assert (told("mara"), told("olga")) == ([], [])


def test_a_case_that_was_completed_meanwhile_is_no_news(shop, staff, limits, hear, told):
    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by="person:ines")
    do(shop, "approve", case, by="person:mara")

    hear()

    assert told("olga") == []


def test_whoever_has_another_role_is_told_once_and_nobody_else(shop, staff, hear, told, letters, noon):
    from recoup.identity import actions as identity
    from recoup.identity import roster

    ids = {one.email: one.person_id for one in roster.people(merchant_id=shop.id)}
    for _ in range(2):
        identity.change_role(
            merchant_id=shop.id,
            person_id=ids[staff["ines"]],
            role="support",
            by=f"person:{ids[staff['mara']]}",
            at=noon,
        )
        hear()

    company = letters.to(staff["ines"])[0].subject.removeprefix("Your role at ").removesuffix(" is another one")
    assert told("ines") == [f"Your role at {company} is another one"]
    assert "from reviewer to support" in letters.to(staff["ines"])[0].text
    assert (told("mara"), told("olga")) == ([], [])


def test_heard_again_after_a_fall_the_same_yes_writes_no_second_letter(shop, staff, limits, as_worker, noon, told):
    from django.db import connection

    from recoup.access import tenancy
    from recoup.events.queries import COLUMNS, heard
    from recoup.notifications import colleagues

    limits(reviewer_limit_minor=SOFA - 1)
    case = ask_in_review(shop)
    do(shop, "approve", case, by="person:ines")
    for _ in range(2):
        with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {COLUMNS} FROM events_event e WHERE e.subject_id = %s AND e.kind = 'case.half_approved'",
                [case.id],
            )
            colleagues.tell_managers([heard(row) for row in cursor.fetchall()], at=noon)

    assert len(told("mara")) == 1
