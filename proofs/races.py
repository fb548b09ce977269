"""F-20, F-21: many at once want what only one may have."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import requests

from proofs.rig import PRICE_MINOR, Finding, Rig, new_key

THREADS = 8


def partial_refunds(rig: Rig, *, rounds: int) -> Finding:
    """F-21: eight at once want one of four mugs each, with keys of their own: four get it, four are told no."""
    finding = Finding("F-21")
    for order in rig.fresh_orders(rounds):
        gate = threading.Barrier(THREADS)

        def ask(_: int, order: int = order, gate: threading.Barrier = gate) -> requests.Response:
            gate.wait()
            return rig.ask(order, quantity=1, key=new_key())

        with ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(ask, range(THREADS)))
        statuses = Counter(answer.status_code for answer in answers)
        finding.expect(max(statuses) < 500, f"P{order}: {dict(statuses)}")
        cases = {UUID(answer.json()["id"]): order for answer in answers if answer.status_code == 201}
        paid = {case: order for case in cases if any(rig.payouts([case]))}
        finding.worst_recovery_s = max(finding.worst_recovery_s, rig.settle(paid))
        rig.judge(finding, paid, amount_minor=PRICE_MINOR)
        total = sum(amount for _, _, _, amount in rig.payouts(cases))
        finding.expect(total <= 4 * PRICE_MINOR, f"P{order}: {total} of {4 * PRICE_MINOR} was promised")
        finding.expect(total > 0, f"P{order}: nobody was paid: {dict(statuses)}")
    return finding
