"""A moment comes back from the database as it went in, whatever zone people live in."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

SINGAPORE = timezone(timedelta(hours=8))
MOMENTS = [
    datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=SINGAPORE),
    datetime(1752, 9, 14, tzinfo=UTC),
    datetime(2026, 2, 28, 16, 0, tzinfo=UTC),
]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("moment", MOMENTS, ids=str)
@pytest.mark.parametrize("is_named", [False, True], ids=["at once", "piece by piece"])
def test_a_moment_comes_back_in_utc(moment, is_named):
    from django.db import connection

    with connection.chunked_cursor() if is_named else connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [moment])
        ((found,),) = cursor.fetchall()

    assert found == moment
    assert found.utcoffset() == timedelta(0)
    assert found.isoformat() == moment.astimezone(UTC).isoformat()
