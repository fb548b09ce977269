"""What the authorizer costs: `bin/bench authorize [--json] [--refunds N] [--rounds N]`.

Microseconds per decision in this process, for questions that are asked anew each time and one that was asked before;
then the share of a refund request's time: the same decision against whole requests over HTTP to the real programs of a
private house, one after another. The last line of `--json` is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import requests

from benchmarks import shop
from recoup.access import authorizer, policies, roles_table
from recoup.access.principals import Kind, Principal
from recoup.access.resources import Case, Circumstances, Company
from recoup.config.private_house import PrivateHouse
from recoup.kernel import clock

COMPANY = uuid.UUID(int=1)
WARM_UP = 10


def main(argv: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--refunds", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=500)
    arguments = parser.parse_args(argv)
    measured: dict[str, Any] = {name: _microseconds(ask, rounds=arguments.rounds) for name, ask in _questions().items()}
    with PrivateHouse(programs=("provider", "vault", "worker", "web")) as house:
        request_us = _refund_request_us(house, refunds=arguments.refunds)
    # A refund request is decided on once, by its key's scope, before its body is read.
    decision_us = measured["key_decision_us"]
    measured |= {
        "refund_request_us": request_us,
        "share_of_refund_request_percent": round(100 * decision_us / request_us, 2),
        "share_when_asked_anew_percent": round(100 * measured["key_decision_anew_us"] / request_us, 2),
        "policies": len(policies.rules().policies),
        "actions": len(policies.rules().actions),
        "refunds": arguments.refunds,
        "rounds": arguments.rounds,
    }
    if not arguments.json:
        for name, value in measured.items():
            print(f"{name.replace('_', ' '):36} {value}")
    else:
        print(json.dumps(measured))
    return 0


def _questions() -> dict[str, Callable[[], object]]:
    """The question of a refund request, answered from memory and anew; and a reviewer's approval, always anew."""
    key = Principal(kind=Kind.KEY, id=uuid.uuid4(), merchant_id=COMPANY, scopes=frozenset({"refunds:write"}))
    reviewer = next(role.asker for role in roles_table.ROLES if role.code == "reviewer")
    case = Case(company=COMPANY, case=uuid.UUID(int=2), email="mei@example.com")
    amount = Circumstances(amount_minor=4800, limit_minor=50_000)

    def remembered() -> object:
        return authorizer.decide(principal=key, action="cases:file", resource=Company(COMPANY))

    def anew() -> object:
        authorizer.forget_decisions()
        return remembered()

    def approval() -> object:
        return authorizer.decide(principal=reviewer, action="cases:approve", resource=case, circumstances=amount)

    return {"key_decision_us": remembered, "key_decision_anew_us": anew, "approval_decision_us": approval}


def _microseconds(act: Callable[[], object], *, rounds: int) -> float:
    """CPU time of one call, the best of five runs of `rounds` calls (the machine is shared)."""
    act()
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for _ in range(rounds):
            act()
        best = min(best, (time.process_time() - began) / rounds)
    return round(best * 1e6, 2)


def _refund_request_us(house: PrivateHouse, *, refunds: int) -> float:
    """The median time of `POST /api/v1/refunds`, one after another on one kept connection."""
    shop.enter(house)
    company = shop.stock(house, orders=refunds + WARM_UP)
    from recoup.access import actions

    _, secret = actions.create_key(
        merchant_id=company.id, label="bench", scopes=["refunds:write"], by="bench", at=clock.now()
    )
    took = []
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {secret}"
        for number in range(1, refunds + WARM_UP + 1):
            body: Any = {"order_number": f"B{number}", "reason": "changed_mind", "goods_received": True}
            began = time.perf_counter()
            answer = session.post(
                f"{house.running.web_url}/api/v1/refunds", json=body, headers={"Idempotency-Key": uuid.uuid4().hex}
            )
            took.append(time.perf_counter() - began)
            if answer.status_code != 201:
                raise RuntimeError(f"a refund was refused: {answer.status_code} {answer.text[:300]}")
    return round(statistics.median(took[WARM_UP:]) * 1e6, 1)


if __name__ == "__main__":
    raise SystemExit(main())
