"""F-08, F-09, F-10: the provider's events come twenty times, in any order, and before its answer."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import requests

from proofs.finding import Finding
from proofs.rig import Rig
from recoup.config.refusals import ProgramFailed

COPIES = 20
QUIET_S = 1.5
MINES = ("receipts_after_claim", "answers_before_commit")
#: Four events each: created, two changes and `refund.failed`; created and three changes.
ENDS_FAILED = (
    {"status": "pending"},
    {"after_s": 0.5, "status": "succeeded"},
    {"after_s": 0.5, "status": "failed", "failure_reason": "declined"},
)
ENDS_PAID = (
    {"status": "requires_action"},
    {"after_s": 0.3, "status": "pending"},
    {"after_s": 0.3, "status": "succeeded"},
    {"after_s": 0.3, "reference": "123456789012"},
)


def each_event_many_times(rig: Rig, *, rounds: int) -> Finding:
    """F-08: every event is delivered twenty times at once: one receipt, one effect, each answered with 200.

    The workers die over the first ones that they take, with the receipts claimed and with the answers not committed.
    """
    finding = Finding("F-08")
    for name in MINES[:1] if rig.in_hurry else MINES:
        _die_over_it(rig, finding, name)
    cases = _pending_then_paid(rig, rounds)
    finding.took(rig.settle(cases))
    looked, statuses = _deliver_again(rig, cases)
    finding.expect(bool(statuses), "the provider told nothing")
    finding.expect(set(statuses) <= {200}, f"answered {sorted(set(map(str, statuses)))}")
    twice = rig.rows("SELECT event_id FROM webhooks_receipt GROUP BY rail_account_id, event_id HAVING count(*) > 1")
    finding.expect(not twice, f"kept more than once: {twice[:3]}")
    finding.expect(not looked, f"events that were known made the vault ask the provider {looked} times again")
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _die_over_it(rig: Rig, finding: Finding, name: str) -> None:
    """The only worker that runs dies at the crash point, again and again; then they all run as usual."""
    diary = rig.house.data_dir / "hook-crashes.txt"
    copies = rig.copies("worker")
    for copy in copies:
        rig.house.stop(copy)
    with contextlib.suppress(ProgramFailed):
        rig.house.start(copies[-1], settings={"RECOUP_CRASHPOINTS": f"{name}:1", "RECOUP_CRASHPOINT_DIARY": str(diary)})
    cases = _pending_then_paid(rig, 1)
    rig.wait(lambda: diary.exists() and name in diary.read_text("ascii"), f"{name} is reached")
    rig.house.stop(copies[-1])
    finding.kills += diary.read_text("ascii").split().count(name)
    for copy in copies:
        rig.house.start(copy, settings={})
    rig.let_leases_end()
    finding.took(rig.settle(cases))
    rig.judge(finding, cases)


def control_without_deduplication(rig: Rig) -> Finding:
    """A web that keeps each delivery anew: the same twenty have to make the vault ask the provider again."""
    finding = Finding("F-08 control")
    cases = _pending_then_paid(rig, 2)
    rig.settle(cases)
    with rig.broken("web", "web", "no_dedupe"):
        looked, _ = _deliver_again(rig, cases)
    finding.refunds += len(cases)
    finding.control(looked > 0, "no de-duplication of webhooks")
    return finding


def _pending_then_paid(rig: Rig, count: int) -> dict[UUID, int]:
    rig.fault(becomes=[{"status": "pending"}, {"after_s": 0.5, "status": "succeeded"}], times=count)
    return rig.refund_all(rig.fresh_orders(count))


def _deliver_again(rig: Rig, cases: Mapping[UUID, object]) -> tuple[int, list[int | None]]:
    """Each event of these refunds comes twenty times. How often the vault asked the provider again, and the answers."""
    _wait_until_quiet(rig, cases)
    before = _claims(rig, cases)
    statuses: list[int | None] = []
    for event in itertools.chain(*_events_of(rig, cases).values()):
        answer = requests.post(
            f"{rig.provider}/_practice/webhooks/redeliver", json={"event": event, "times": COPIES}, timeout=60
        )
        statuses += answer.json()["statuses"]
    _wait_until_quiet(rig, cases)
    return _claims(rig, cases) - before, statuses


def _claims(rig: Rig, cases: Iterable[UUID]) -> int:
    found = rig.rows("SELECT sum(fence)::int FROM payments_payout WHERE case_id = ANY(%s)", list(cases))
    return int(found[0][0])


def in_any_order(rig: Rig, *, orders: int) -> Finding:
    """F-09: the four events of a refund, in up to 24 orders: the payout stands as the provider's object stands."""
    finding = Finding("F-09")
    permutations = list(itertools.permutations(range(4)))
    chosen = permutations[:: max(1, len(permutations) // orders)]
    url = f"{rig.provider}/_practice/webhooks"
    requests.post(f"{url}/rules", json={"account": rig.company.account, "hold": True, "times": None}, timeout=10)
    lives: dict[UUID, list[str]] = {}
    paid: dict[UUID, int] = {}
    failed: dict[UUID, int] = {}
    for cases, steps in ((failed, ENDS_FAILED), (paid, ENDS_PAID)):
        rig.fault(becomes=list(steps), times=len(chosen))
        cases.update(rig.refund_all(rig.fresh_orders(len(chosen))))
        rig.wait(lambda cases=cases: _have_all(rig, cases, 4), "four events of each refund")  # type: ignore[misc]
        lives |= _events_of(rig, cases)
    released = [lives[case][place] for cases in (failed, paid) for case, order in zip(cases, chosen, strict=True)
                for place in order]  # fmt: skip
    requests.delete(f"{url}/rules", timeout=10).raise_for_status()
    requests.post(f"{url}/release", json={"account": rig.company.account, "order": released}, timeout=120)
    finding.took(rig.settle(paid))
    ended = ("failed", "reversed")
    rig.wait(lambda: all(state in ended for _, _, state, _ in rig.payouts(failed)), "each failure is known")
    moved = rig.moved()
    for payout, _, state, _ in rig.payouts(failed):
        finding.expect(sum(moved[str(payout)]) == 0, f"{state}, but the provider moved {moved[str(payout)]}")
    finding.refunds += len(failed)
    rig.judge(finding, paid)
    rig.verify(finding)
    return finding


def _have_all(rig: Rig, cases: Mapping[UUID, object], count: int) -> bool:
    return len(rig.payouts(cases)) == len(cases) and all(
        len(events) == count for events in _events_of(rig, cases).values()
    )


def before_the_answer(rig: Rig, *, rounds: int) -> Finding:
    """F-10: the event arrives before the provider has answered our own request."""
    finding = Finding("F-10")
    url = f"{rig.provider}/_practice/webhooks/rules"
    rule = {"account": rig.company.account, "before_response": True, "times": None}
    requests.post(url, json=rule, timeout=10).raise_for_status()
    rig.fault(sleep_after_s=0.5, times=rounds)
    cases = rig.refund_all(rig.fresh_orders(rounds))
    finding.took(rig.settle(cases))
    requests.delete(url, timeout=10).raise_for_status()
    early = rig.rows(
        "SELECT count(*) FROM payments_payout p WHERE p.case_id = ANY(%s) AND EXISTS (SELECT FROM webhooks_receipt r"
        " WHERE position(convert_to(p.id::text, 'UTF8') IN r.body) > 0 AND r.received_at < p.accepted_at)",
        list(cases),
    )[0][0]
    finding.expect(early == len(cases), f"only {early} of {len(cases)} events came before the answer")
    entries = rig.rows(
        "SELECT count(*) FROM payments_payout p JOIN ledger_journal j ON j.reference_id = p.id"
        " WHERE p.case_id = ANY(%s) AND j.kind = 'payout.paid'",
        list(cases),
    )[0][0]
    finding.expect(entries == len(cases), f"{entries} entries in the books for {len(cases)} refunds")
    _wait_until_quiet(rig, cases)
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _events_of(rig: Rig, cases: Mapping[UUID, object]) -> dict[UUID, list[str]]:
    """The events that our endpoint was promised of each case's refund, oldest first."""
    case_of = {str(payout): case for payout, case, _, _ in rig.payouts(cases)}
    events: dict[UUID, list[str]] = defaultdict(list)
    url, key = f"{rig.provider}/_practice/webhooks/deliveries", f"sk_test_{rig.company.slug}"
    told = requests.get(url, params={"account": rig.company.account}, timeout=30).json()["deliveries"]
    promised = dict.fromkeys(each["event"] for each in reversed(told) if each["type"].startswith("refund."))
    for event in promised:
        subject: dict[str, Any] = _read_event(rig, event, key)
        case = case_of.get(str((subject.get("metadata") or {}).get("recoup_payout")))
        if case is not None:
            events[case].append(event)
    return events


_subjects: dict[str, dict[str, Any]] = {}


def _read_event(rig: Rig, event: str, key: str) -> dict[str, Any]:
    if event not in _subjects:
        answer = requests.get(f"{rig.provider}/v1/events/{event}", auth=(key, ""), timeout=30).json()
        _subjects[event] = answer["data"]["object"]
    return _subjects[event]


def _wait_until_quiet(rig: Rig, cases: Iterable[UUID]) -> None:
    """No event waits to be acted upon, and nobody asks the provider about these payouts."""
    waiting = (
        "SELECT 1 FROM webhooks_receipt WHERE next_at IS NOT NULL AND parked_at IS NULL"
        " UNION ALL SELECT 1 FROM payments_payout WHERE case_id = ANY(%s) AND (look_up OR lease_until IS NOT NULL)"
    )
    began = time.monotonic()
    while time.monotonic() - began < QUIET_S:
        if rig.rows(waiting, list(cases)):
            rig.wait(lambda: not rig.rows(waiting, list(cases)), "events are acted upon")
            began = time.monotonic()
        time.sleep(0.1)
