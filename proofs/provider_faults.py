"""F-03, F-04, F-05: what the provider does and does not say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import requests

from proofs.finding import Finding
from proofs.rig import Rig

SETTLED_S_MAX = 60.0
A_DAY_AND_MORE_S = 25 * 3600


def accepts_and_says_nothing(rig: Rig, *, rounds: int) -> Finding:
    """F-03: the refund is executed and the line goes dead; a look-up finds it."""
    finding = Finding("F-03")
    _with_fault(rig, finding, rounds, drop="after")
    return finding


def executes_and_answers_500(rig: Rig, *, rounds: int) -> Finding:
    """F-04: executed, answered with a 500 that is replayed for the same key."""
    finding = Finding("F-04")
    _with_fault(rig, finding, rounds, answer_status=500)
    return finding


def forgets_the_key(rig: Rig, *, rounds: int) -> Finding:
    """F-05: no keys at all, or keys forgotten 25 hours later: only looking before sending again keeps it to one.

    A provider that cannot be asked either leaves it to a person; what the person gives back is looked up first.
    """
    finding = Finding("F-05")
    with _profile(rig, "none"):
        _with_fault(rig, finding, rounds, drop="after")
    with _profile(rig, "expiring"):
        _a_day_later(rig, finding, rounds)
    if not rig.in_hurry:
        _cannot_look_up(rig, finding)
    return finding


def _with_fault(rig: Rig, finding: Finding, rounds: int, **fault: object) -> None:
    rig.fault(times=rounds, **fault)
    began = time.monotonic()
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.settle(cases)
    seconds = time.monotonic() - began
    rig.heal()
    finding.took(seconds)
    finding.expect(rig.in_hurry or seconds <= SETTLED_S_MAX, f"not settled within {SETTLED_S_MAX:.0f} s")
    rig.judge(finding, cases)


@contextmanager
def _profile(rig: Rig, profile: str) -> Iterator[None]:
    account = f"{rig.provider}/_practice/accounts/{rig.company.account}"
    requests.post(account, json={"profile": profile}, timeout=10).raise_for_status()
    try:
        yield
    finally:
        requests.post(account, json={"profile": "stripe_v1"}, timeout=10).raise_for_status()


def _a_day_later(rig: Rig, finding: Finding, rounds: int) -> None:
    """Nobody can ask the provider anything until its clock stands a day later and its keys are forgotten."""
    rig.fault(times=rounds, drop="after")
    rig.fault(route="refunds.list", times=None, refuse={"status": 503})
    cases = rig.refund_all(rig.fresh_orders(rounds))
    rig.wait(lambda: _states(rig, cases) == {"unknown"}, "the silence is known")
    _move_clock(rig, A_DAY_AND_MORE_S)
    try:
        rig.heal()
        rig.let_time_come(payout for payout, _, _, _ in rig.payouts(cases))
        finding.took(rig.settle(cases))
    finally:
        _move_clock(rig, 0)
    rig.judge(finding, cases)


def _cannot_look_up(rig: Rig, finding: Finding) -> None:
    rig.fault(drop="after")
    rig.fault(route="refunds.list", times=None, refuse={"status": 503})
    cases = rig.refund_all(rig.fresh_orders(1))
    rig.wait(lambda: rig.payouts(cases), "the payout")
    ((payout, _, _, _),) = rig.payouts(cases)
    rig.wait(lambda: _is_parked(rig, payout), "a person is asked", seconds=300)
    moved = rig.moved().get(str(payout), [])
    finding.expect(len(moved) == 1, f"beside a provider that tells nothing: moved {moved}")
    rig.heal()
    _release(rig, payout)
    for copy in rig.copies("vault"):  # they have learned to be careful with this account
        rig.house.restart(copy)
    finding.took(rig.settle(cases))
    rig.judge(finding, cases)


def _is_parked(rig: Rig, payout: UUID) -> bool:
    """Whether somebody is asked to look; until then time passes from one look to the next."""
    rig.let_time_come([payout])
    return rig.rows("SELECT parked_at FROM payments_payout WHERE id = %s", payout)[0][0] is not None


def _release(rig: Rig, payout: UUID) -> None:
    from recoup.kernel import clock
    from recoup.payments import actions

    actions.release_payout(merchant_id=rig.company.id, payout_id=payout, by="person:proofs", at=clock.now())


def _states(rig: Rig, cases: dict[UUID, int]) -> set[str]:
    return {state for _, _, state, _ in rig.payouts(cases)}


def _move_clock(rig: Rig, offset_s: int) -> None:
    requests.post(f"{rig.provider}/_practice/clock", json={"offset_s": offset_s}, timeout=30).raise_for_status()
