"""F-08, F-09, F-10: the provider's events come twenty times, in any order, and before its answer."""

from __future__ import annotations

import itertools
import time

import requests

from proofs.rig import Finding, Rig

COPIES = 20


def each_event_many_times(rig: Rig, *, rounds: int) -> Finding:
    """F-08: every event is delivered twenty times at once: one receipt, one effect, each answered with 200.

    Control: the same twenty with the unique key of receipts gone must leave more than one receipt an event.
    """
    finding = Finding("F-08")
    cases = rig.refund_all(rig.fresh_orders(rounds))
    finding.worst_recovery_s = rig.settle(cases)
    events = _events(rig)
    finding.expect(bool(events), "the provider told nothing")
    for event in events[: rounds * 2]:
        statuses = _redeliver(rig, event)
        finding.expect(statuses == [200] * COPIES, f"{event}: answered {sorted(set(map(str, statuses)))}")
    twice = rig.rows("SELECT event_id FROM webhooks_receipt GROUP BY rail_account_id, event_id HAVING count(*) > 1")
    finding.expect(not twice, f"kept more than once: {twice[:3]}")
    _wait_for_receipts(rig)
    rig.judge(finding, cases)
    return finding


def in_any_order(rig: Rig, *, rounds: int) -> Finding:
    """F-09: the events of a refund that was pending and succeeded, in each order: the state is the provider's."""
    finding = Finding("F-09")
    url = f"{rig.provider}/_practice/webhooks"
    kinds = ["refund.created", "refund.updated", "charge.refunded"]
    for order in list(itertools.permutations(kinds))[:rounds]:
        requests.post(f"{url}/rules", json={"account": rig.company.account, "hold": True, "times": None}, timeout=10)
        rig.fault(becomes=[{"status": "pending"}, {"after_s": 1, "status": "succeeded"}])
        cases = rig.refund_all(rig.fresh_orders(1))
        time.sleep(1.5)
        requests.delete(f"{url}/rules", timeout=10).raise_for_status()
        released = {"account": rig.company.account, "order": list(order)}
        requests.post(f"{url}/release", json=released, timeout=10).raise_for_status()
        finding.worst_recovery_s = max(finding.worst_recovery_s, rig.settle(cases, seconds=30))
        rig.judge(finding, cases)
    return finding


def before_the_answer(rig: Rig, *, rounds: int) -> Finding:
    """F-10: the event arrives before the provider has answered our own request."""
    finding = Finding("F-10")
    url = f"{rig.provider}/_practice/webhooks/rules"
    rule = {"account": rig.company.account, "before_response": True, "times": None}
    requests.post(url, json=rule, timeout=10).raise_for_status()
    cases = rig.refund_all(rig.fresh_orders(rounds))
    finding.worst_recovery_s = rig.settle(cases)
    requests.delete(url, timeout=10).raise_for_status()
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _events(rig: Rig) -> list[str]:
    url = f"{rig.provider}/_practice/webhooks/deliveries"
    told = requests.get(url, params={"account": rig.company.account}, timeout=10).json()
    return list(dict.fromkeys(each["event"] for each in told["deliveries"]))


def _redeliver(rig: Rig, event: str) -> list[int]:
    url = f"{rig.provider}/_practice/webhooks/redeliver"
    answer = requests.post(url, json={"event": event, "times": COPIES}, timeout=60)
    return list(answer.json()["statuses"])


def _wait_for_receipts(rig: Rig) -> None:
    until = time.monotonic() + 20
    waiting = "SELECT 1 FROM webhooks_receipt WHERE next_at IS NOT NULL AND parked_at IS NULL LIMIT 1"
    while rig.rows(waiting) and time.monotonic() < until:
        time.sleep(0.2)
