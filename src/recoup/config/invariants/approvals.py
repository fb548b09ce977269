"""I10: what people promised, as many people approved as were needed, and one of them might."""

from __future__ import annotations

from recoup.config.invariants.check import Finding, ask_sql

#: Three walls, each asked of other rows than the code that decided: as many different mailboxes as the decision says it
#: took, and as the limits of that moment ask for; somebody whose limit holds the sum; and no money that somebody's
#: decision promised beyond what was said yes to.
_BROKEN = """
WITH decision AS (
    SELECT a.merchant_id, a.case_id, a.decided_at, max(a.people_needed) AS needed, max(a.stake_minor) AS stake_minor,
           max(a.amount_minor) AS amount_minor,
           count(DISTINCT a.mailbox) FILTER (WHERE a.person_id IS NOT NULL) AS people,
           bool_or(a.limit_minor IS NULL OR a.stake_minor <= a.limit_minor) AS is_able
      FROM refunds_approval a WHERE a.decided_at IS NOT NULL GROUP BY 1, 2, 3
), asked AS (
    SELECT d.*, (SELECT min(l.four_eyes_from_minor) FROM merchants_approvallimits l
                  WHERE l.merchant_id = d.merchant_id AND l.created_at <= d.decided_at
                    AND l.number >= coalesce((SELECT max(o.number) FROM merchants_approvallimits o
                                               WHERE o.merchant_id = d.merchant_id
                                                 AND o.created_at <= d.decided_at - interval '1 day'), 0)) AS two_from
      FROM decision d
), promised AS (
    SELECT e.merchant_id, e.subject_id AS case_id, e.at, sum(p.amount_minor)::bigint AS amount_minor
      FROM events_event e JOIN payments_payout p ON p.case_id = e.subject_id AND p.reserved_at = e.at
     WHERE e.kind IN ('case.approved', 'case.partly_approved') AND e.actor ~ '^(person|key|client):'
       AND e.at >= (SELECT min(a.at) FROM refunds_approval a)
     GROUP BY 1, 2, 3
)
SELECT 'case ' || asked.case_id, CASE
         WHEN NOT coalesce(is_able, false) THEN 'nobody who approved it might approve so much'
         ELSE people || ' of the people needed approved it' END
  FROM asked
 WHERE NOT coalesce(is_able, false) OR (needed > 1 AND people < needed)
    OR (people < 2 AND coalesce(stake_minor, amount_minor) >= two_from)
UNION ALL
SELECT 'case ' || promised.case_id, 'money of it was promised to which nobody said yes'
  FROM promised LEFT JOIN decision ON decision.case_id = promised.case_id AND decision.decided_at = promised.at
 WHERE promised.amount_minor > coalesce(decision.amount_minor, 0)
"""


def approved_by_enough() -> Finding:
    """I10: no approval of people stands above their limits, or without the second person who was needed."""
    return ask_sql("SELECT count(*) FROM refunds_approval WHERE decided_at IS NOT NULL", _BROKEN)
