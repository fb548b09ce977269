"""How each company keeps the promise of five minutes, measured."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from django.db import connection

from recoup.access import tenancy

WINDOW = timedelta(days=30)
#: What was asked for so lately could still be in time.
STILL_OPEN = timedelta(minutes=5)
MEASURED_EVERY = timedelta(minutes=30)
COMPANIES_AT_ONCE = 20

_DUE = """
SELECT m.id FROM merchants_merchant m LEFT JOIN insights_promise p ON p.id = m.id
 WHERE p.measured_at IS NULL OR p.measured_at < %(before)s
 ORDER BY p.measured_at NULLS FIRST, m.id LIMIT %(limit)s
"""
_MEASURE = """
WITH asked AS MATERIALIZED (
    SELECT id, requested_at, initiated_at, extract(epoch FROM initiated_at - requested_at) AS took FROM refunds_case
     WHERE merchant_id = %(company)s AND requested_at >= %(since)s AND requested_at < %(until)s AND amount_minor > 0
), by_method AS (
    SELECT k.method, count(*) AS many,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM p.accepted_at - a.requested_at)) AS p50
      FROM asked a JOIN payments_payout p ON p.case_id = a.id JOIN payments_capture k ON k.id = p.capture_id
     WHERE p.accepted_at IS NOT NULL GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE took <= 300), (percentile_cont(0.5) WITHIN GROUP (ORDER BY took))::float8,
       (SELECT coalesce(jsonb_object_agg(method, jsonb_build_object('count', many, 'p50_s', p50)), '{}')::text
          FROM by_method)
  FROM asked
"""
_KEEP = """
INSERT INTO insights_promise (id, measured_at, granted, in_time, p50_s, methods) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET measured_at = excluded.measured_at, granted = excluded.granted,
    in_time = excluded.in_time, p50_s = excluded.p50_s, methods = excluded.methods
"""


@tenancy.action_for_every_merchant
def measure_promises(*, at: datetime) -> int:
    """Companies that were not measured lately are; how many."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"before": at - MEASURED_EVERY, "limit": COMPANIES_AT_ONCE})
        due = [row[0] for row in cursor.fetchall()]
        for company_id in due:
            cursor.execute(_MEASURE, {"company": company_id, "since": at - WINDOW, "until": at - STILL_OPEN})
            granted, in_time, p50_s, methods = cursor.fetchone() or (0, 0, None, "{}")
            cursor.execute(_KEEP, [company_id, at, granted, in_time, p50_s, json.dumps(json.loads(methods))])
    return len(due)
