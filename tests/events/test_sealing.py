"""Who changes history afterwards breaks a seal, and the seal says where."""

import itertools

import pytest
from django.db import connection
from psycopg.types.json import Jsonb

from recoup.access import tenancy
from recoup.config import chores
from recoup.events import sealing
from recoup.events import transactional as events
from recoup.events.transactional import Happening
from recoup.kernel import ids


@pytest.fixture
def sealed(shop, noon, as_worker):
    """Two seals over events of this test; gives the subjects."""
    subjects = [ids.uuid7(), ids.uuid7()]

    @tenancy.action
    def record(subject, *, merchant_id):
        told = {"merchant_id": merchant_id, "at": noon, "subject_id": subject, "actor": "t", "data": {"n": 1}}
        events.record([Happening(kind="test.sealed", **told)])

    for subject in subjects:
        record(subject, merchant_id=shop.id)
        with as_worker():
            while chores.seal(at=noon):
                pass
    return subjects


def first_break(as_worker):
    with as_worker(), tenancy.every_merchant():
        return sealing.first_break()


def test_an_untouched_history_holds(sealed, as_worker):
    assert first_break(as_worker) is None


def test_seals_follow_each_other_without_a_gap(sealed, as_worker):
    with as_worker(), tenancy.every_merchant(), connection.cursor() as cursor:
        cursor.execute("SELECT from_tx, to_tx FROM events_seal ORDER BY id")
        seals = cursor.fetchall()

    assert seals[0][0] == 0
    assert all(before[1] == after[0] for before, after in itertools.pairwise(seals))


@pytest.mark.parametrize(
    ("forge", "undo", "words"),
    [
        (
            "UPDATE events_event SET data = '{\"n\": 2}'",
            "UPDATE events_event SET data = '{\"n\": 1}'",
            "not what it was",
        ),
        ("UPDATE events_event SET actor = 'me'", "UPDATE events_event SET actor = 't'", "not what it was"),
    ],
)
def test_a_changed_row_is_found(sealed, as_worker, database, forge, undo, words):
    with database.superuser() as forger:
        forger.execute(f"{forge} WHERE subject_id = %s", [sealed[0]])
        try:
            broken = first_break(as_worker)
        finally:
            forger.execute(f"{undo} WHERE subject_id = %s", [sealed[0]])

    assert words in broken.words
    assert first_break(as_worker) is None


def test_a_removed_row_is_found(sealed, as_worker, database):
    with database.superuser() as forger:
        row = forger.execute("SELECT * FROM events_event WHERE subject_id = %s", [sealed[0]]).fetchone()
        forger.execute("DELETE FROM events_event WHERE subject_id = %s", [sealed[0]])
        try:
            broken = first_break(as_worker)
        finally:
            values = [Jsonb(value) if isinstance(value, dict) else value for value in row]
            forger.execute(f"INSERT INTO events_event VALUES ({', '.join(['%s'] * len(values))})", values)

    assert "rows, now there are" in broken.words
    assert first_break(as_worker) is None


def test_the_worker_cannot_touch_what_is_sealed(sealed, as_worker):
    from django.db import ProgrammingError

    with as_worker(), pytest.raises(ProgrammingError, match="permission denied"), tenancy.every_merchant():
        connection.cursor().execute("DELETE FROM events_seal")
