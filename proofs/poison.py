"""F-22: work that cannot be done. It is tried five times and put aside with an alert; everything else goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

from proofs.finding import Finding
from proofs.rig import Rig

TRIES_MAX = 5
DELAY_S_MAX = 20.0
PARKED_S_MAX = 240.0
PAUSE_S = 0.5
#: How many mugs are poison to `proofs.broken.vault_poisoned`, and in what way.
POISON = {2: "kills", 4: "eats memory", 3: "never comes back"}
BAD_EVENTS = {
    "bad JSON": b'{"id": "evt_bad", "type": "refund.upd',
    "no subject": b'{"id": "evt_empty", "type": "refund.updated", "data": {}}',
    "nested without end": b"[" * 100_000,
    "bytes that are no text": b"\xff\xfe\x00",
}


def poison(rig: Rig, *, rounds: int) -> Finding:
    """F-22: bad rows for the worker, then payouts that kill, hang or starve their vault; refunds go on beside them."""
    finding = Finding("F-22")
    settled = rig.refund_all(rig.fresh_orders(1))
    rig.settle(settled)
    began = _last_event(rig)
    for _ in range(rounds):
        _write_bad_rows(rig)
    _beside(rig, finding, "bad rows", lambda: _rows_are_parked(rig))
    ((payout, _, _, _),) = rig.payouts(settled)
    _write_answer_of_unknown_kind(rig, payout)
    _beside(rig, finding, "an answer of unknown kind", lambda: _parked(rig, [payout]) == 1)
    alerts = dict(
        rig.rows("SELECT kind, count(*) FROM events_event WHERE id > %s AND kind LIKE '%%.parked' GROUP BY kind", began)
    )
    subscribers = alerts.pop("subscription.parked", 0)  # each that hears of the bad event tells of it
    finding.expect(subscribers >= rounds, f"{subscribers} alerts of {rounds} bad events")
    wanted = {"receipt.parked": len(BAD_EVENTS) * rounds, "message.parked": rounds, "payout.parked": 1}
    finding.expect(alerts == wanted, f"alerts: {alerts} instead of {wanted}")
    with rig.broken("vault", "vault_poisoned", copies=2) as vaults:
        _poisoned_payouts(rig, finding, vaults)
    rig.judge(finding, settled)
    rig.verify(finding)
    return finding


def _poisoned_payouts(rig: Rig, finding: Finding, vaults: list[str]) -> None:
    before = sum(rig.house.restarts(vault) for vault in vaults)
    # One that never comes back costs its vault a whole lease each time: that is not for the short form.
    quantities = list(POISON)[: 2 if rig.in_hurry else 3]
    answers = [rig.ask(order, quantity=quantity) for order, quantity in
               zip(rig.fresh_orders(len(quantities)), quantities, strict=True)]  # fmt: skip
    cases = [UUID(answer.json()["id"]) for answer in answers]
    payouts = [payout for payout, _, _, _ in rig.payouts(cases)]
    _beside(rig, finding, "poisoned payouts", lambda: _parked(rig, payouts) == len(payouts))
    finding.refunds += len(cases)
    kills = sum(rig.house.restarts(vault) for vault in vaults) - before
    finding.kills += kills
    finding.expect(kills >= TRIES_MAX, f"the vaults ended {kills} times, so nothing was proved")
    tried = dict(rig.rows("SELECT id, tries FROM payments_payout WHERE id = ANY(%s)", payouts))
    finding.expect(max(tried.values()) <= TRIES_MAX + 1, f"tried again and again: {sorted(tried.values())}")
    moved = rig.moved()
    finding.expect(not any(str(payout) in moved for payout in payouts), "poison moved money")


def _beside(rig: Rig, finding: Finding, what: str, is_over: Callable[[], bool]) -> None:
    """Refunds are asked for, one after the other, until it is over; none of them waits for it."""
    until = time.monotonic() + PARKED_S_MAX
    slowest = 0.0
    while True:
        is_last = is_over()
        cases = rig.refund_all(rig.fresh_orders(1))
        slowest = max(slowest, rig.settle(cases))
        rig.judge(finding, cases)
        if is_last:
            break
        if rig.in_hurry:
            _let_time_come(rig)
        else:
            time.sleep(PAUSE_S)
        if time.monotonic() > until:
            finding.broken.append(f"{what}: not put aside within {PARKED_S_MAX:.0f} s")
            break
    finding.took(slowest)
    finding.expect(rig.in_hurry or slowest <= DELAY_S_MAX, f"{what}: others waited for {slowest:.1f} s")


def _let_time_come(rig: Rig) -> None:
    """Leases and pauses of what waits end by hand."""
    rig.let_leases_end()
    for table in ("webhooks_receipt", "notifications_message"):
        rig.database.execute(
            f"UPDATE {table} SET next_at = now(), lease_until = NULL WHERE next_at > now() AND parked_at IS NULL"  # noqa: S608
        )


def _write_bad_rows(rig: Rig) -> None:
    """What nobody should ever send us, as if it had come in by the doors."""
    merchant_id, database = rig.company.id, rig.database
    ((account,),) = rig.rows("SELECT id FROM payments_railaccount WHERE merchant_id = %s", merchant_id)
    for body in BAD_EVENTS.values():
        database.execute(
            "INSERT INTO webhooks_receipt (merchant_id, rail_account_id, event_id, kind, body, received_at, next_at,"
            " fence, tries) VALUES (%s, %s, %s, 'refund.updated', %s, now(), now(), 0, 0)",
            [merchant_id, account, f"bad {uuid4()}", body],
        )
    database.execute(
        "INSERT INTO notifications_message (id, merchant_id, template, mark, to_address, locale, context, subject,"
        " created_at, message_ref, problem, next_at, fence, tries) VALUES"
        " (%s, %s, 'no-such-letter', '', 'nobody@example.com', 'en', '{}', '', now(), '', '', now(), 0, 0)",
        [uuid4(), merchant_id],
    )
    database.execute(
        "INSERT INTO events_event (merchant_id, at, kind, subject_id, actor, data)"
        " VALUES (%s, now(), 'payout.accepted', %s, 'rail', '{\"case_id\": \"nobody\"}')",
        [merchant_id, uuid4()],
    )


def _write_answer_of_unknown_kind(rig: Rig, payout: UUID) -> None:
    rig.database.execute(
        "INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, at)"
        " SELECT merchant_id, id, fence, epoch, 'shrugged', now() FROM payments_payout WHERE id = %s",
        [payout],
    )


def _rows_are_parked(rig: Rig) -> bool:
    """Nothing bad is waiting any more: each row was put aside, and the subscriber has stepped over its event."""
    waiting = rig.rows(
        "SELECT 1 FROM webhooks_receipt WHERE event_id LIKE 'bad %%' AND parked_at IS NULL"
        " UNION ALL SELECT 1 FROM notifications_message WHERE template = 'no-such-letter' AND parked_at IS NULL"
        " UNION ALL SELECT 1 FROM events_event e WHERE e.data ->> 'case_id' = 'nobody' AND NOT EXISTS ("
        "   SELECT FROM events_event p WHERE p.kind = 'subscription.parked' AND (p.data ->> 'event')::bigint = e.id)"
    )
    return not waiting


def _parked(rig: Rig, payouts: Iterable[UUID]) -> int:
    sql = "SELECT count(*) FROM payments_payout WHERE id = ANY(%s) AND parked_at IS NOT NULL"
    return int(rig.rows(sql, list(payouts))[0][0])


def _last_event(rig: Rig) -> int:
    return int(rig.rows("SELECT coalesce(max(id), 0) FROM events_event")[0][0])
