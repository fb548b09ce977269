"""F-06, F-07: a program sleeps through its lease and wakes up with what it knew before (SIGSTOP, SIGCONT)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psutil

from proofs import crash_names
from proofs.finding import Finding
from proofs.rig import Rig

AWAKE_S = 2.0
#: The two at which a zombie knows most: it was paid, and nobody has been told; it was told, and nothing is committed.
IN_A_HURRY = ("vault_after_call_before_record", "answers_before_commit")
#: The provider keeps the second attempt waiting for so long that the old answer comes first, and then does nothing.
SECOND_ATTEMPT_S = 9.0
ACCEPTED = ("provider_pending", "succeeded")


def wakes_after_its_lease(rig: Rig, *, rounds: int) -> Finding:
    """F-06: frozen at each crash point for twice its lease, while another does its work; then it goes on.

    The web's programs hold no lease: F-02 is about them.
    """
    finding = Finding("F-06")
    names = sorted(name for name in crash_names.all_names() if crash_names.program_of(name) != "web")
    for name in IN_A_HURRY if rig.in_hurry else names:
        for _ in range(rounds):
            _one_zombie(rig, finding, name)
    rig.verify(finding)
    return finding


def _one_zombie(rig: Rig, finding: Finding, name: str) -> None:
    program = crash_names.program_of(name)
    cases: dict[UUID, int] = {}
    with _frozen_at(rig, program, name) as zombie:
        cases = rig.refund_all(rig.fresh_orders(2))
        rig.wait(lambda: _is_frozen(rig, zombie), f"nobody came past {name}")
        _cut_its_transactions(rig, name)
        rig.house.start(program)
        finding.kills += 1
        rig.let_leases_end()
        finding.took(rig.settle(cases))
        before = _standing(rig, cases)
        rig.house.resume(zombie)
        time.sleep(AWAKE_S)
        _all_heard(rig)
        after = _standing(rig, cases)
        finding.expect(before == after, f"{name}: the zombie wrote something: {before} -> {after}")
        if name == "vault_after_call_before_record":
            finding.expect(_stale_answers(rig, cases) > 0, f"{name}: the zombie said nothing, so nothing was proved")
        still_there = rig.house.process(zombie).is_running()
        finding.expect(still_there, f"{name}: the zombie did not live on")
    rig.judge(finding, cases)


@contextmanager
def _frozen_at(rig: Rig, program: str, name: str) -> Iterator[str]:
    """One copy of the program runs alone and will freeze at the crash point; both run as usual afterwards."""
    *others, zombie = rig.copies(program)
    for other in others:
        rig.house.stop(other)
    diary = rig.house.data_dir / "frozen.txt"
    rig.house.restart(zombie, settings={"RECOUP_CRASHPOINTS": f"{name}:1:stop", "RECOUP_CRASHPOINT_DIARY": str(diary)})
    try:
        yield zombie
    finally:
        rig.house.resume(zombie)
        rig.house.restart(zombie, settings={})
        for other in others:
            rig.house.start(other)


def _is_frozen(rig: Rig, zombie: str) -> bool:
    try:
        return rig.house.process(zombie).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def _cut_its_transactions(rig: Rig, name: str) -> None:
    """A program frozen inside a transaction is cut off by the server in the end; here at once."""
    if name.endswith("_before_commit"):
        rig.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'recoup_worker' AND state = 'idle in transaction'"
        )


def _all_heard(rig: Rig) -> None:
    rig.wait(lambda: not rig.rows("SELECT 1 FROM payments_answer WHERE applied_at IS NULL LIMIT 1"), "answers wait")


def _standing(rig: Rig, cases: Iterable[UUID]) -> list[Any]:
    """What a zombie must not change: where each payout stands, since when, and each of its journals."""
    return rig.rows(
        "SELECT p.id, p.state, p.epoch, p.provider_refund_id, p.accepted_at, p.parked_at,"
        " (SELECT array_agg(j.kind ORDER BY j.kind) FROM ledger_journal j WHERE j.reference_id = p.id)"
        " FROM payments_payout p WHERE p.case_id = ANY(%s) ORDER BY p.id",
        list(cases),
    )


def _stale_answers(rig: Rig, cases: Iterable[UUID]) -> int:
    """Answers that were brought under a fence which had passed to somebody else, among those already heard."""
    found = rig.rows(
        "SELECT count(*) FROM payments_answer a JOIN payments_payout p ON p.id = a.payout_id"
        " WHERE p.case_id = ANY(%s) AND a.fence < p.fence AND a.applied_at IS NOT NULL AND EXISTS"
        " (SELECT FROM payments_answer b WHERE b.payout_id = a.payout_id AND b.id < a.id AND b.fence > a.fence)",
        list(cases),
    )
    return int(found[0][0])


def old_success_in_a_new_attempt(rig: Rig, *, rounds: int) -> Finding:
    """F-07: paying, failed, approved again, paying again; then the first attempt's success is told. The fence holds."""
    finding = Finding("F-07")
    for _ in range(rounds):
        payout, cases, is_believed = _twice_in_the_same_state(rig)
        finding.expect(not is_believed, "an old success was taken for the new attempt's")
        finding.kills += 1
        began = time.monotonic()
        rig.wait(lambda payout=payout: _is_sent_again(rig, payout), "the second attempt")  # type: ignore[misc]
        rig.settle(cases)
        finding.took(time.monotonic() - began)
        rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def control_without_fence(rig: Rig) -> Finding:
    """The same with a worker that looks at no fence: it has to say "sent" of money that the provider never moved."""
    finding = Finding("F-07 control")
    with rig.broken("worker", "worker_no_fence"):
        _, cases, is_believed = _twice_in_the_same_state(rig)
        finding.refunds += len(cases)
        finding.control(is_believed, "answers are believed without their fence")
    return finding


def _twice_in_the_same_state(rig: Rig) -> tuple[UUID, dict[UUID, int], bool]:
    """A payout is in its second attempt, of which the provider says nothing, when the first one's success is heard.

    Gives the payout, its case, and whether the books then say "paid" though the provider has moved nothing.
    """
    from recoup.kernel import clock
    from recoup.payments import actions

    declined = {"after_s": 0.5, "status": "failed", "failure_reason": "declined"}
    rig.fault(becomes=[{"status": "succeeded"}, declined])
    with _frozen_at(rig, "vault", "vault_after_call_before_record") as zombie:
        cases = rig.refund_all(rig.fresh_orders(1))
        rig.wait(lambda: _is_frozen(rig, zombie), "the first attempt")
        ((payout, _, _, _),) = rig.payouts(cases)
        rig.wait(lambda: sum(rig.moved().get(str(payout), [1])) == 0, "the provider declines after all")
        rig.house.start("vault")
        rig.let_leases_end()
        rig.wait(lambda: _state_of(rig, payout) == "failed", "the failure is known")
        rig.fault(sleep_before_s=SECOND_ATTEMPT_S, drop="before")
        actions.retry_payout(merchant_id=rig.company.id, payout_id=payout, by="person:proofs", at=clock.now())
        rig.wait(lambda: rig.faults_left() == 0, "the second attempt")
        rig.house.resume(zombie)
        rig.wait(lambda: _stale_answers(rig, cases) > 0, "the old success is heard")
        in_books = rig.rows("SELECT 1 FROM ledger_journal WHERE reference_id = %s AND kind = 'payout.paid'", payout)
        moved_minor = sum(rig.moved()[str(payout)])
    return payout, cases, bool(in_books) and not moved_minor


def _state_of(rig: Rig, payout: UUID) -> str:
    return str(rig.rows("SELECT state FROM payments_payout WHERE id = %s", payout)[0][0])


def _is_sent_again(rig: Rig, payout: UUID) -> bool:
    """Time passes until the next look at the payout; a person gives it back when it was put aside for them."""
    from recoup.kernel import clock
    from recoup.payments import actions

    ((state, parked_at),) = rig.rows("SELECT state, parked_at FROM payments_payout WHERE id = %s", payout)
    if state in ACCEPTED:
        return True
    if parked_at is not None:
        actions.release_payout(merchant_id=rig.company.id, payout_id=payout, by="person:proofs", at=clock.now())
    rig.let_time_come([payout])
    time.sleep(0.3)
    return False
