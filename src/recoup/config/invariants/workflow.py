"""I4 to I7: nothing is forgotten, every change is on record, nothing is said twice, nothing moves off the table."""

from __future__ import annotations

from recoup.access import tenancy
from recoup.config.invariants.check import Finding, ask_sql
from recoup.events import sealing

# I4 -----------------------------------------------------------------------------------------------------------------

#: What waits for nobody. A case ends, waits for a person or the shopper with a clock, or has payouts that still move;
#: a payout ends, or is asked for again, or is a person's.
_ORPHANS = """
WITH leg AS (
    SELECT p.case_id, count(*) FILTER (WHERE p.state <> 'canceled') AS live,
           bool_and(p.state = 'succeeded') FILTER (WHERE p.state <> 'canceled') AS all_paid,
           bool_and(p.accepted_at IS NOT NULL) FILTER (WHERE p.state <> 'canceled') AS all_accepted
      FROM payments_payout p GROUP BY 1
)
SELECT 'case ' || c.number, CASE
         WHEN c.state IN ('approved', 'partly_approved') AND coalesce(leg.live, 0) = 0
             THEN 'it is ' || c.state || ' and has no payout'
         WHEN c.state IN ('approved', 'partly_approved') AND leg.all_paid
             THEN 'every payout has succeeded and it is still ' || c.state
         WHEN c.state IN ('approved', 'partly_approved')
             THEN 'every payout was accepted and it does not count as sent'
         ELSE 'it is ' || c.state || ' and waits for nothing' END
  FROM refunds_case c LEFT JOIN leg ON leg.case_id = c.id
 WHERE c.parked_at IS NULL
   AND ((c.state IN ('submitted', 'verifying_order', 'needs_evidence', 'awaiting_return') AND c.wake_at IS NULL)
     OR (c.state IN ('in_review', 'appealed') AND c.wake_at IS NULL AND c.waits_for = '')
     OR (c.state IN ('approved', 'partly_approved')
         AND (coalesce(leg.live, 0) = 0 OR leg.all_paid OR (leg.all_accepted AND c.initiated_at IS NULL))))
UNION ALL
SELECT 'payout ' || p.id, 'it is ' || p.state || ' and nobody looks at it again'
  FROM payments_payout p
 WHERE p.parked_at IS NULL AND p.next_at IS NULL
   AND p.state IN ('queued', 'submitting', 'unknown', 'awaiting_merchant_funds', 'provider_pending')
   AND NOT EXISTS (SELECT FROM payments_answer a WHERE a.payout_id = p.id AND a.applied_at IS NULL)
UNION ALL
SELECT 'payout ' || p.id, 'its case ' || coalesce(c.number, p.case_id::text) || CASE
         WHEN c.id IS NULL THEN ' does not exist' ELSE ' is ' || c.state || ' while money of it is under way' END
  FROM payments_payout p LEFT JOIN refunds_case c ON c.id = p.case_id
 WHERE c.id IS NULL
    OR (c.state IN ('withdrawn', 'expired', 'rejected')
        AND p.state IN ('queued', 'submitting', 'unknown', 'awaiting_merchant_funds', 'provider_pending', 'succeeded')
        AND p.reserved_at > coalesce(c.decided_at, c.closed_at, p.reserved_at))
UNION ALL
SELECT 'message ' || m.id, 'it was neither sent nor parked, and nobody sends it'
  FROM notifications_message m
 WHERE m.sent_at IS NULL AND m.next_at IS NULL AND m.parked_at IS NULL AND m.problem <> 'overtaken'
UNION ALL
SELECT 'answer to key of ' || s.created_at::text, 'a case was promised in an answer and does not exist: ' || s.number
  FROM (SELECT a.created_at, convert_from(a.body, 'UTF8')::jsonb ->> 'number' AS number, a.merchant_id
          FROM access_storedanswer a WHERE a.status = 201) s
 WHERE s.number IS NOT NULL
   AND NOT EXISTS (SELECT FROM refunds_case c WHERE c.number = s.number AND c.merchant_id = s.merchant_id)
"""


def nothing_forgotten() -> Finding:
    """I4: every request that was answered exists, and is ended, waits for a named event, or is looked at again."""
    return ask_sql("SELECT count(*) FROM refunds_case", _ORPHANS)


# I5 -----------------------------------------------------------------------------------------------------------------

_ON_RECORD = """
WITH thing AS (
    SELECT 'case' AS machine, id, state FROM refunds_case
    UNION ALL SELECT 'payout', id, state FROM payments_payout
), told AS (
    SELECT t.machine, t.subject_id, t.id, t.from_state, t.to_state,
           lag(t.to_state) OVER (PARTITION BY t.subject_id ORDER BY t.id) AS before,
           lead(t.id) OVER (PARTITION BY t.subject_id ORDER BY t.id) AS next_id
      FROM events_transition t WHERE t.machine IN ('case', 'payout')
)
SELECT thing.machine || ' ' || thing.id,
       'it is ' || thing.state || ', its record ends with ' || coalesce(last.to_state, 'nothing')
  FROM thing
  LEFT JOIN told last ON last.subject_id = thing.id AND last.machine = thing.machine AND last.next_id IS NULL
 WHERE last.to_state IS DISTINCT FROM thing.state
UNION ALL
SELECT 'transition ' || told.id, 'it starts from ' || coalesce(told.from_state, 'nothing') || ', the one before it of '
       || told.machine || ' ' || told.subject_id || ' ended in ' || coalesce(told.before, 'nothing')
  FROM told WHERE told.from_state IS DISTINCT FROM told.before
"""


def every_change_on_record() -> Finding:
    """I5: each state was reached by recorded changes without a gap, and the chain of seals holds."""
    finding = ask_sql("SELECT count(*) FROM events_transition", _ON_RECORD)
    with tenancy.every_merchant():
        broken = sealing.first_break()
        sealed = sealing.sealed_count()
    found = {f"seal {broken.seal_id}": broken.words} if broken else {}
    return finding + Finding(checked=sealed, broken=found)


# I6 -----------------------------------------------------------------------------------------------------------------

_SAID = """
SELECT 'case ' || m.case_id, m.template || ' (' || m.mark || ') was said ' || count(*) || ' times'
  FROM notifications_message m WHERE m.case_id IS NOT NULL
 GROUP BY m.case_id, m.template, m.mark HAVING count(*) > 1
UNION ALL
SELECT 'message ' || m.id, 'it says "sent" about a case that was never sent'
  FROM notifications_message m LEFT JOIN refunds_case c ON c.id = m.case_id
 WHERE m.template IN ('sent', 'credited') AND (c.id IS NULL OR c.initiated_at IS NULL)
UNION ALL
SELECT 'guard of notifications_message', 'the constraint a_thing_is_said_once is missing'
 WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conname = 'a_thing_is_said_once' AND k.convalidated
                      AND k.conrelid = to_regclass('public.notifications_message'))
"""


def nothing_said_twice() -> Finding:
    """I6: one message per case, template and state, and none that says more than is true."""
    return ask_sql("SELECT count(*) FROM notifications_message", _SAID)


# I7 -----------------------------------------------------------------------------------------------------------------

_MOVES = """
SELECT 'transition ' || t.id, 'a ' || t.machine || ' does not move from ' || coalesce(t.from_state, 'nothing') || ' to '
       || t.to_state || ' (' || t.subject_id || ')'
  FROM events_transition t
 WHERE NOT EXISTS (SELECT FROM events_move m WHERE m.machine = t.machine AND m.to_state = t.to_state
                      AND m.from_state = coalesce(t.from_state, ''))
UNION ALL
SELECT 'guard of ' || g.relation, 'the trigger ' || g.name || ' is missing or switched off'
  FROM (VALUES ('refunds_case', 'starts_in_the_table'), ('payments_payout', 'starts_in_the_table'),
               ('refunds_case', 'moves_in_the_table'), ('payments_payout', 'moves_in_the_table')) AS g (relation, name)
 WHERE NOT EXISTS (SELECT FROM pg_trigger r WHERE r.tgrelid = to_regclass('public.' || g.relation)
                      AND r.tgname = g.name AND r.tgenabled IN ('O', 'A'))
"""


def moves_as_published() -> Finding:
    """I7: no case or payout moved as the published table does not say."""
    return ask_sql("SELECT count(*) FROM events_transition", _MOVES)
