"""How long every queue is."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from recoup.access import tenancy
from recoup.operations import queues
from recoup.operations.models import Gauge, Sign

MEASURED_EVERY = timedelta(seconds=4)
#: A process that was not seen for so long is gone, and no news.
SIGNS_STAY = timedelta(days=1)


@tenancy.action_for_every_merchant
def measure_queues(*, at: datetime) -> int:
    """Every queue is measured, unless it was just now, or another worker is at it; how many gauges there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('operations gauges', 0))")
        (is_ours,) = cursor.fetchone() or (False,)
        newest = Gauge.objects.order_by("-measured_at").values_list("measured_at", flat=True).first()
        if not is_ours or (newest is not None and at - MEASURED_EVERY < newest <= at):
            return 0
        gauges = []
        for name, statement in queues.measures():
            cursor.execute(statement)
            rows = cursor.fetchall()
            gauges += [_gauge(name, row, at=at) for row in rows]
            if not any(row[0] is None for row in rows):
                # Every queue has a gauge of its own, so that "nothing waits" is a measurement too.
                gauges.append(_gauge(name, (None, 0, None, 0, None), at=at))
    Gauge.objects.all().delete()
    Gauge.objects.bulk_create(gauges)
    Sign.objects.filter(seen_at__lt=at - SIGNS_STAY).delete()
    return len(gauges)


def _gauge(name: str, row: tuple[UUID | None, int, datetime | None, int, datetime | None], *, at: datetime) -> Gauge:
    company_id, due, due_since, parked, parked_since = row
    return Gauge(
        id=f"{name}/{company_id or ''}",
        queue=name,
        company_id=company_id,
        due=due,
        due_since=due_since,
        parked=parked,
        parked_since=parked_since,
        measured_at=at,
    )
