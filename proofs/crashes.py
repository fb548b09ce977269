"""F-01, F-02, F-14: programs and the database die at the worst moments."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import requests

from proofs import crash_names
from proofs.finding import Finding
from proofs.rig import Rig

PROGRAMS = ("vault", "worker", "web")
ORDERS_AT_ONCE = 8
#: Batches of orders in which one of the points was not reached a single time, before it counts as never reached.
BATCHES_IN_VAIN_MAX = 12
AT_EACH_POINT, AT_RANDOM = 0.2, 0.02
RECOVERY_S_MAX = 20.0


class Diary:
    """When each crash point killed somebody, watched from outside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: list[tuple[str, float]] = []
        self._is_over = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def hits(self) -> Counter[str]:
        """How often each name has killed."""
        return Counter(name for name, _ in self.seen)

    def close(self) -> None:
        self._is_over = True
        self._thread.join()
        self._read()

    def _watch(self) -> None:
        while not self._is_over:
            self._read()
            time.sleep(0.05)

    def _read(self) -> None:
        lines = self.path.read_text(encoding="ascii").split() if self.path.exists() else []
        self.seen += [(name, time.time()) for name in lines[len(self.seen) :]]


def kill_at_each_point(rig: Rig, *, times: int, refunds: int) -> Finding:
    """F-01: each crash point kills its program `times` times while refunds go through; every name must be hit.

    Then every point is mined at once, and `refunds` more go through programs that die at random. In a hurry all points
    are mined at once from the beginning, and that is all.
    """
    finding = Finding("F-01")
    diary = Diary(rig.house.data_dir / "crashes.txt")
    names = crash_names.all_names()
    cases: dict[UUID, int] = {}
    for programs in [PROGRAMS] if rig.in_hurry else [(program,) for program in PROGRAMS]:
        mine = {name for name in names if crash_names.program_of(name) in programs}
        copies = [copy for program in programs for copy in rig.copies(program)]
        cases |= _kill_at(rig, diary, copies, mine, times=times)
    if not rig.in_hurry:
        cases |= _kill_at_random(rig, diary, names, refunds=refunds)
    _settle_with_a_person(rig, cases)
    diary.close()
    hits = diary.hits()
    for name in sorted(names):
        finding.expect(hits[name] >= times, f"crash point {name} was hit {hits[name]} of {times} times")
    finding.kills = len(diary.seen)
    finding.took(_worst_recovery(rig, [at for _, at in diary.seen], cases))
    slowest = finding.worst_recovery_s
    finding.expect(rig.in_hurry or slowest <= RECOVERY_S_MAX, f"I8: {slowest:.1f} s from a fault to progress")
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _kill_at(rig: Rig, diary: Diary, copies: list[str], names: set[str], *, times: int) -> dict[UUID, int]:
    cases: dict[UUID, int] = {}
    before, in_vain = diary.hits(), 0
    plan: list[str] = []
    while True:
        hits = diary.hits() - before
        left = sorted(name for name in names if hits[name] < times)
        if not left or in_vain > BATCHES_IN_VAIN_MAX:
            break
        if not plan or (left != plan and not rig.in_hurry):
            plan = left
            _mine(rig, copies, diary, plan, chance=AT_EACH_POINT)
        cases |= rig.refund_all(rig.fresh_orders(ORDERS_AT_ONCE))
        rig.settle(cases, seconds=3.0)
        in_vain = 0 if diary.hits() - before != hits else in_vain + 1
    rig.restart(copies, {})
    return cases


def _kill_at_random(rig: Rig, diary: Diary, names: Iterable[str], *, refunds: int) -> dict[UUID, int]:
    copies = [copy for program in PROGRAMS for copy in rig.copies(program)]
    _mine(rig, copies, diary, sorted(names), chance=AT_RANDOM)
    cases = rig.refund_all(rig.fresh_orders(refunds), threads=8)
    rig.restart(copies, {})
    return cases


def _mine(rig: Rig, copies: Iterable[str], diary: Diary, names: Iterable[str], *, chance: float) -> None:
    """The programs run with these crash points; one that dies while it starts is started again by the supervisor."""
    plan = "|".join(f"{name}:{chance}" for name in names)
    rig.restart(copies, {"RECOUP_CRASHPOINTS": plan, "RECOUP_CRASHPOINT_DIARY": str(diary.path)})


def _settle_with_a_person(rig: Rig, cases: dict[UUID, int]) -> None:
    """Wait for all; a payout that took its vault down five times was put aside, and a person gives it back."""
    from recoup.kernel import clock
    from recoup.payments import actions

    if rig.in_hurry:
        rig.let_leases_end()
    rig.settle(cases)
    put_aside = rig.rows(
        "SELECT id FROM payments_payout WHERE case_id = ANY(%s) AND parked_at IS NOT NULL AND failure_code = %s",
        list(cases),
        "no_answer_after_many_tries",
    )
    for (payout,) in put_aside:
        actions.release_payout(merchant_id=rig.company.id, payout_id=payout, by="person:proofs", at=clock.now())
    if put_aside:
        rig.settle(cases)


def _worst_recovery(rig: Rig, deaths: list[float], cases: dict[UUID, int]) -> float:
    """The longest time from a death to the next payout that was accepted after it."""
    found = rig.rows(
        "SELECT extract(epoch FROM accepted_at)::float FROM payments_payout WHERE case_id = ANY(%s)"
        " AND accepted_at IS NOT NULL ORDER BY 1",
        list(cases),
    )
    accepted = [row[0] for row in found]
    next_ones = ((death, next((at for at in accepted if at >= death), None)) for death in deaths)
    return max((at - death for death, at in next_ones if at is not None), default=0.0)


def web_dies_before_it_answers(rig: Rig, *, rounds: int) -> Finding:
    """F-02: killed between commit and answer; the client's same key gives one refund, and the same bytes for ever."""
    finding = Finding("F-02")
    path = rig.house.data_dir / "web-crashes.txt"
    rig.house.restart(
        "web", settings={"RECOUP_CRASHPOINTS": "web_after_commit:2", "RECOUP_CRASHPOINT_DIARY": str(path)}
    )
    answers: dict[int, requests.Response] = {}
    while len(answers) < rounds or not path.exists():
        (order,) = rig.fresh_orders(1)
        answers[order] = rig.ask_until_answered(order)
        if len(answers) > rounds + BATCHES_IN_VAIN_MAX:
            break
    rig.house.restart("web", settings={})
    cases: dict[UUID, int] = {}
    for order, answer in answers.items():
        finding.expect(answer.status_code == 201, f"order P{order}: {answer.status_code} {answer.text[:200]}")
        again = rig.ask_until_answered(order)
        finding.expect(again.content == answer.content, f"order P{order}: another answer for the same key")
        cases[_case(answer)] = order
    numbers = [f"P{order}" for order in answers]
    twice = rig.rows(
        "SELECT order_number FROM refunds_case WHERE order_number = ANY(%s) GROUP BY 1 HAVING count(*) > 1", numbers
    )
    finding.expect(not twice, f"more than one case: {twice[:3]}")
    finding.kills = len(path.read_text(encoding="ascii").split()) if path.exists() else 0
    finding.expect(finding.kills > 0, "web was never killed")
    finding.took(rig.settle(cases))
    rig.judge(finding, cases)
    return finding


def database_restarts(rig: Rig, *, times: int) -> Finding:
    """F-14: PostgreSQL stops as in a crash, again and again, while refunds are asked for and paid."""
    finding = Finding("F-14")
    cases: dict[UUID, int] = {}
    for turn in range(times):
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(rig.refund_all, rig.fresh_orders(ORDERS_AT_ONCE))
            time.sleep(0.1 + 0.15 * (turn % 5))
            rig.house.restart_database(immediate=True)
            back_at = time.monotonic()
            finding.kills += 1
            new = asked.result()
        rig.settle(new)
        finding.took(time.monotonic() - back_at)
        cases |= new
    rig.reconnect()
    slowest = finding.worst_recovery_s
    finding.expect(rig.in_hurry or slowest <= RECOVERY_S_MAX, f"I8: {slowest:.1f} s from the database to the money")
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _case(answer: requests.Response) -> UUID:
    return UUID(answer.json()["id"])
