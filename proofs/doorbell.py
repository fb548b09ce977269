"""F-23: nobody rings; the sweep finds the work."""

from __future__ import annotations

import time

from proofs.finding import Finding
from proofs.rig import Rig

STARTED_S_MAX = 2.0
GIVE_UP_S = 30.0


def lost_wake_up(rig: Rig, *, rounds: int) -> Finding:
    """F-23: work becomes due without any NOTIFY (a row changed by hand); it has been started within 2 s."""
    finding = Finding("F-23")
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.settle(cases)
    for payout, _, _, _ in rig.payouts(cases):
        before = rig.rows("SELECT fence FROM payments_payout WHERE id = %s", payout)[0][0]
        rig.database.execute("UPDATE payments_payout SET next_at = now(), look_up = true WHERE id = %s", [payout])
        began = time.monotonic()
        while time.monotonic() - began < GIVE_UP_S:
            if rig.rows("SELECT fence FROM payments_payout WHERE id = %s", payout)[0][0] > before:
                break
            time.sleep(0.05)
        finding.took(time.monotonic() - began)
    slowest, limit = finding.worst_recovery_s, GIVE_UP_S if rig.in_hurry else STARTED_S_MAX
    finding.expect(slowest < limit, f"started after {slowest:.1f} s")
    rig.judge(finding, cases)
    return finding
