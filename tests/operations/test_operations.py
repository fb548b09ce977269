"""What operators see of the platform, and what they can do: work runs again, payments stop, and it is written down."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from recoup.kernel import signs
from recoup.kernel.clock import now
from recoup.kernel.errors import NotFound
from recoup.kernel.ids import uuid7
from tests.access.people import signed_in
from tests.database import as_role
from tests.refunds.asking import ask, ask_in_review, payouts_of
from tests.refunds.rail import Rail

OPERATOR = f"person:{uuid7()}"


@pytest.fixture
def actions(database):
    from recoup.operations import actions

    return actions


@pytest.fixture
def queries(database):
    from recoup.operations import queries

    return queries


@pytest.fixture
def measured(database, actions):
    """The worker has measured every queue just now."""

    def measure():
        from recoup.operations.models import Gauge

        with as_role(database, "recoup_worker"):
            Gauge.objects.all().delete()
            assert actions.measure_queues(at=now()) > 0
            assert actions.measure_queues(at=now()) == 0, "measured again at once"

    return measure


def as_the_shop(shop, sql, *values):
    """Runs a statement as the shop's tenant; gives its rows."""
    from recoup.access import tenancy

    @tenancy.action
    def run(*, merchant_id):
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    return run(merchant_id=shop.id)


def put_aside(shop, case):
    """The case's clock has come five times in vain."""
    as_the_shop(
        shop, "UPDATE refunds_case SET parked_at = now(), wake_at = now(), tries = 6 WHERE id = %s RETURNING 1", case.id
    )


def history(shop, subject_id):
    return [row[0] for row in as_the_shop(shop, "SELECT kind FROM events_event WHERE subject_id = %s", subject_id)]


def test_a_queue_tells_what_is_due_and_what_was_put_aside(queries, measured, shop):
    case, paid = ask_in_review(shop), ask(shop, shop.order(("mug", 1, 500)))
    put_aside(shop, case)
    as_the_shop(
        shop, "UPDATE payments_payout SET next_at = now() - interval '9 s' WHERE case_id = %s RETURNING 1", paid.id
    )

    measured()
    lines = {line.queue: line for line in queries.lines_by_company(company_id=shop.id)}

    assert (lines["cases"].due, lines["cases"].parked) == (0, 1)
    assert (lines["payouts"].due, lines["payouts"].parked) == (1, 0)
    assert timedelta(seconds=9) <= lines["payouts"].late < timedelta(minutes=5)
    assert queries.waiting_by_company()[shop.id][1] == 1
    assert shop.id in queries.companies_with_parked_work()
    everybody = {line.queue: line for line in queries.lines()}
    assert set(everybody) >= {"payouts", "receipts", "cases", "messages", "letters", "texts", "answers", "callbacks"}
    assert everybody["cases"].parked >= 1


def test_what_was_put_aside_is_listed_with_its_case_and_runs_again(actions, queries, shop):
    case = ask_in_review(shop)
    put_aside(shop, case)

    (found,) = queries.parked_work(merchant_id=shop.id)
    assert (found.queue, found.case_number, found.tries) == ("cases", case.number, 6)
    actions.give_work_back(merchant_id=shop.id, queue="cases", key=found.key, by=OPERATOR, at=now())

    assert queries.parked_work(merchant_id=shop.id) == []
    ((tries, is_due),) = as_the_shop(shop, "SELECT tries, wake_at <= now() FROM refunds_case WHERE id = %s", case.id)
    assert (tries, is_due) == (0, True)
    assert history(shop, case.id)[-1] == "case.released"
    (deed,) = queries.deeds(company_id=shop.id)
    assert (deed.kind, deed.actor, deed.subject_id) == ("case.released", OPERATOR, str(case.id))


def test_a_message_and_what_a_provider_told_run_again(actions, queries, shop):
    ask_in_review(shop)
    ((message,),) = as_the_shop(
        shop,
        "INSERT INTO notifications_message (id, merchant_id, case_id, template, mark, to_address, locale, context,"
        " subject, created_at, message_ref, problem, fence, tries, parked_at)"
        " VALUES (%s, %s, NULL, 'approved', 'x', 'mei@example.com', 'en', '{}', '', now(), '', 'refused', 0, 5, now())"
        " RETURNING id",
        uuid7(),
        shop.id,
    )
    ((receipt,),) = as_the_shop(
        shop,
        "INSERT INTO webhooks_receipt (merchant_id, rail_account_id, event_id, kind, body, received_at, fence, tries,"
        " parked_at) VALUES (%s, %s, %s, 'charge.updated', '', now(), 0, 5, now()) RETURNING id",
        shop.id,
        shop.rail_account_id,
        f"evt_{uuid7().hex}",
    )

    for queue, key in (("messages", message), ("receipts", receipt)):
        assert (queue, str(key)) in {(one.queue, one.key) for one in queries.parked_work(merchant_id=shop.id)}
        actions.give_work_back(merchant_id=shop.id, queue=queue, key=str(key), by=OPERATOR, at=now())
    assert queries.parked_work(merchant_id=shop.id) == []
    assert as_the_shop(shop, "SELECT next_at <= now(), parked_at FROM webhooks_receipt WHERE id = %s", receipt) == [
        (True, None)
    ]


def test_a_payment_is_looked_up_before_it_is_sent_again(actions, shop, database):
    case = ask(shop, shop.order(("mug", 1, 500)))
    (payout,) = payouts_of(shop, case)
    Rail(database, shop).claim(payout.id)
    as_the_shop(shop, "UPDATE payments_payout SET parked_at = now() WHERE id = %s RETURNING 1", payout.id)

    actions.give_work_back(merchant_id=shop.id, queue="payouts", key=str(payout.id), by=OPERATOR, at=now())

    assert as_the_shop(shop, "SELECT look_up, parked_at FROM payments_payout WHERE id = %s", payout.id) == [
        (True, None)
    ]
    assert history(shop, payout.id)[-1] == "payout.released"


def test_work_that_runs_or_is_nobodys_is_left_alone(actions, queries, shop):
    case = ask_in_review(shop)

    def again(queue, key, merchant_id=shop.id):
        actions.give_work_back(merchant_id=merchant_id, queue=queue, key=str(key), by=OPERATOR, at=now())

    with pytest.raises(actions.NotParked):
        again("cases", case.id)
    put_aside(shop, case)
    with pytest.raises(actions.NotParked):
        again("cases", case.id, merchant_id=uuid7())
    for queue, key in (("letters", uuid7()), ("nothing", uuid7()), ("cases", "x"), ("cases", 7), ("receipts", uuid7())):
        with pytest.raises(NotFound):
            again(queue, key)
    assert queries.deeds(company_id=shop.id) == []


def test_payments_of_an_account_stop_and_go_on_and_both_are_written_down(actions, queries, shop):
    def switch(*, is_on):
        actions.switch_rail(
            merchant_id=shop.id,
            rail_account_id=shop.rail_account_id,
            is_on=is_on,
            why="provider_down",
            by=OPERATOR,
            at=now(),
        )

    switch(is_on=False)
    switch(is_on=False)
    (rail,) = queries.rails(merchant_id=shop.id)
    assert not rail.is_enabled
    switch(is_on=True)

    assert [deed.kind for deed in queries.deeds(company_id=shop.id)] == ["rail.switched_on", "rail.switched_off"]
    assert history(shop, shop.rail_account_id)[-2:] == ["rail.switched_off", "rail.switched_on"]
    with pytest.raises(NotFound):
        actions.switch_rail(
            merchant_id=uuid7(), rail_account_id=shop.rail_account_id, is_on=False, why="", by=OPERATOR, at=now()
        )


def test_the_badge_is_given_and_taken(actions, queries, shop):
    from recoup.merchants import queries as merchants

    was = merchants.by_id(shop.id).is_verified
    for wanted in (not was, was):
        actions.verify_company(merchant_id=shop.id, is_verified=wanted, why="papers_checked", by=OPERATOR, at=now())
        assert merchants.by_id(shop.id).is_verified is wanted
    assert len(queries.deeds(company_id=shop.id)) == 2


def test_a_run_tells_each_state_in_turn_and_what_the_provider_said(queries, shop, database):
    case = ask(shop, shop.order(("mug", 1, 500)))
    (payout,) = payouts_of(shop, case)
    Rail(database, shop).pays(payout.id)

    of_case, of_payout = queries.run_of_case(merchant_id=shop.id, case_id=case.id)

    assert [step.state for step in of_case.steps][-2:] == ["approved", "closed"]
    assert [step.state for step in of_payout.steps] == ["queued", "submitting", "succeeded"]
    assert all(step.stayed >= timedelta() for step in of_payout.steps[:-1])
    assert of_payout.steps[-1].until is None
    (said,) = of_payout.answers
    assert (said.outcome, said.taken_in >= timedelta()) == ("succeeded", True)
    assert queries.run_of_case(merchant_id=uuid7(), case_id=case.id) == []


def test_the_history_is_searched_by_thing_kind_and_actor(queries, shop):
    case = ask(shop, shop.order(("mug", 1, 500)))
    span = {"since": now() - timedelta(days=400), "until": now() + timedelta(days=400)}

    def found(**wanted):
        return [one.kind for one in queries.happenings(merchant_id=shop.id, **span, **wanted)]

    assert "case.approved" in found(noun="case", subjects=[case.id])
    assert not any(kind.startswith("payout.") for kind in found(noun="case"))
    assert "case.submitted" in found(actor="shopper")
    assert found(actor=OPERATOR) == []
    assert found(subjects=[]) == []
    assert queries.happenings(merchant_id=uuid7(), **span) == []


def test_whoever_is_not_seen_any_more_is_silent(actions, queries, database):
    program = f"worker-{uuid7().hex[-6:]}"
    with as_role(database, "recoup_worker"):
        actions.note_sign(program=program, part="money", at=now())
        actions.note_sign(program=program, part="money", at=now())

    def life(at):
        (found,) = (one for one in queries.lives(at=at) if one.program == program)
        return found.is_silent, found.places

    assert life(now()) == (False, 1)
    assert life(now() + timedelta(seconds=signs.SILENT_S + 1)) == (True, 0)


def test_the_vault_and_the_web_say_that_they_live(database, monkeypatch):
    from recoup.config.programs import signing

    for role in ("recoup_web", "recoup_vault"):
        monkeypatch.setenv("RECOUP_DATABASE_URL", database.database_url(role))
        assert signing.say(role, "pages")
    monkeypatch.setenv("RECOUP_DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/none")
    assert not signing.say("web", "pages"), "a database that is away"


def test_deeds_cannot_be_changed_and_gauges_are_the_workers(database):
    for statement in (
        "UPDATE operations_deed SET actor = 'x'",
        "DELETE FROM operations_deed",
        "INSERT INTO operations_gauge (id) VALUES ('x')",
        "DELETE FROM operations_sign",
    ):
        with signed_in(database, "recoup_web") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
    with signed_in(database, "recoup_worker") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("UPDATE operations_deed SET actor = 'x'")
    with signed_in(database, "recoup_vault") as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("SELECT 1 FROM operations_deed")


def test_parameters_can_have_numbers():
    assert signs.numbered("a = %s AND b = %s") == "a = $1 AND b = $2"
