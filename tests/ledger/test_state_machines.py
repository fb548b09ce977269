"""The published tables of moves: the database knows the same ones as Python, and holds every row to them (I5, I7)."""

import itertools

import pytest
from psycopg import errors

from recoup.payments import states as payouts
from recoup.refunds import states as cases
from tests.access.people import signed_in
from tests.refunds.asking import ask_in_review, payouts_of, rows
from tests.refunds.asking import do as decide


def _published(database, machine):
    with database.superuser() as db:
        found = db.execute("SELECT from_state, to_state FROM events_move WHERE machine = %s", [machine]).fetchall()
    return {pair for pair in found if pair[0]}, {becomes for was, becomes in found if not was}


@pytest.mark.parametrize(
    ("machine", "moves", "states"),
    [("case", cases.MOVES, cases.CaseState), ("payout", payouts.MOVES, payouts.PayoutState)],
)
def test_the_database_knows_the_moves_that_python_knows(database, machine, moves, states):
    published, first = _published(database, machine)

    assert published == {(str(was), str(becomes)) for was, targets in moves.items() for becomes in targets}
    assert set(moves) == set(states)
    assert first <= set(states)


def test_a_payout_begins_queued_and_a_case_never_begins_at_its_end(database):
    assert _published(database, "payout")[1] == {"queued"}
    assert not _published(database, "case")[1] & {"closed", "withdrawn", "expired", "appealed"}


def test_every_move_outside_the_table_is_refused_and_every_one_inside_leaves_a_row(database, shop):
    case = ask_in_review(shop)
    decide(shop, "approve", case)
    (leg,) = payouts_of(shop, case)

    _walk(database, "refunds_case", case.id, cases.MOVES, list(cases.CaseState))
    _walk(database, "payments_payout", leg.id, payouts.MOVES, list(payouts.PayoutState))


def _walk(database, table, row_id, moves, states):
    """Every pair is tried, each from its own state, in transactions that are rolled back."""
    with database.superuser() as db:
        db.autocommit = False
        for was, becomes in itertools.permutations(states, 2):
            db.execute("SET LOCAL session_replication_role = replica")  # the first state is given, not reached
            db.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [str(was), row_id])
            db.execute("SET LOCAL session_replication_role = origin")
            if becomes in moves[was]:
                db.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [str(becomes), row_id])
                assert db.execute(_LAST_MOVE, [row_id]).fetchone() == (str(was), str(becomes))
            else:
                with pytest.raises(errors.CheckViolation):
                    db.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [str(becomes), row_id])
            db.rollback()


_LAST_MOVE = "SELECT from_state, to_state FROM events_transition WHERE subject_id = %s ORDER BY id DESC LIMIT 1"


def test_the_programs_are_held_to_the_table_too(database, shop):
    case = ask_in_review(shop)

    for role in ("recoup_web", "recoup_worker"):
        with signed_in(database, role, merchant_id=shop.id) as db, pytest.raises(errors.CheckViolation):
            db.execute("UPDATE refunds_case SET state = 'closed' WHERE id = %s", [case.id])


def test_a_payout_cannot_be_born_paid(database, shop):
    case = ask_in_review(shop)
    decide(shop, "approve", case)
    with signed_in(database, "recoup_web", merchant_id=shop.id) as db, pytest.raises(errors.CheckViolation):
        db.execute(
            "INSERT INTO payments_payout (id, merchant_id, case_id, capture_id, rail_account_id, provider_charge_id,"
            " amount_minor, currency, state, epoch, look_up, fence, tries, due_at, reserved_at)"
            " SELECT gen_random_uuid(), merchant_id, case_id, capture_id, rail_account_id, provider_charge_id, 1,"
            " currency, 'succeeded', 0, false, 0, 0, now(), now() FROM payments_payout WHERE case_id = %s",
            [case.id],
        )


def test_a_whole_life_is_written_down_move_by_move(shop):
    case = ask_in_review(shop)
    decide(shop, "approve", case)

    found = rows(shop, "SELECT machine, from_state, to_state FROM events_transition ORDER BY id")
    assert found == [
        ("case", None, "in_review"),
        ("case", "in_review", "approved"),
        ("payout", None, "queued"),
    ]
