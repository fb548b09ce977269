"""F-03, F-04, F-05, and the control of the derived key: what the provider does and does not say."""

from __future__ import annotations

import time

import requests

from proofs.rig import Finding, Rig

SETTLED_S_MAX = 60.0


def accepts_and_says_nothing(rig: Rig, *, rounds: int) -> Finding:
    """F-03: the refund is executed and the line goes dead; a look-up finds it."""
    return _with_fault(rig, "F-03", rounds, drop="after")


def executes_and_answers_500(rig: Rig, *, rounds: int) -> Finding:
    """F-04: executed, answered with a 500 that is replayed for the same key."""
    return _with_fault(rig, "F-04", rounds, answer_status=500)


def forgets_the_key(rig: Rig, *, rounds: int) -> Finding:
    """F-05: the provider has no keys at all; only looking before sending again keeps it to one movement."""
    account = f"{rig.provider}/_practice/accounts/{rig.company.account}"
    requests.post(account, json={"profile": "none"}, timeout=10).raise_for_status()
    try:
        return _with_fault(rig, "F-05", rounds, drop="after")
    finally:
        requests.post(account, json={"profile": "stripe_v1"}, timeout=10).raise_for_status()


def _with_fault(rig: Rig, name: str, rounds: int, **fault: object) -> Finding:
    finding = Finding(name)
    rig.fault(times=rounds, **fault)
    began = time.monotonic()
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.settle(cases)
    finding.worst_recovery_s = time.monotonic() - began
    rig.heal()
    finding.expect(finding.worst_recovery_s <= SETTLED_S_MAX, "not settled within 60 s")
    rig.judge(finding, cases)
    return finding
