"""F-01, F-02, F-14: programs and the database die at the worst moments."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import requests

from proofs import crash_names
from proofs.rig import Finding, Rig
from recoup.config.refusals import ProgramFailed

COPIES = {"vault": ("vault", "vault-2"), "worker": ("worker", "worker-2"), "web": ("web",)}
ROUNDS_MAX = 12
RECOVERY_S_MAX = 20.0


class Diary:
    """When each crash point killed somebody, watched from outside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.seen: list[tuple[str, float]] = []
        self._is_over = False
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._is_over = True
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over:
            lines = self._path.read_text(encoding="ascii").split() if self._path.exists() else []
            self.seen += [(name, time.time()) for name in lines[len(self.seen) :]]
            time.sleep(0.05)


def kill_at_each_point(rig: Rig, *, times: int, orders: int) -> Finding:
    """F-01: each crash point kills its program `times` times while refunds go through; every name must be hit."""
    finding = Finding("F-01")
    path = rig.house.data_dir / "crashes.txt"
    names = crash_names.all_names()
    diary = Diary(path)
    cases: dict[UUID, int] = {}
    for program, copies in COPIES.items():
        mine = sorted(name for name in names if crash_names.program_of(name) == program)
        hit = Counter[str]()
        for _ in range(ROUNDS_MAX):
            left = [name for name in mine if hit[name] < times]
            if not left:
                break
            plan = "|".join(f"{name}:0.2" for name in left)
            for copy in copies:
                _restart_mined(rig, copy, {"RECOUP_CRASHPOINTS": plan, "RECOUP_CRASHPOINT_DIARY": str(path)})
            cases |= rig.refund_all(rig.fresh_orders(orders))
            rig.settle(cases, seconds=20)
            hit = Counter(name for name, _ in diary.seen)
        for copy in copies:
            rig.house.restart(copy, settings={})
    rig.settle(cases)
    time.sleep(0.2)
    diary.close()
    hit = Counter(name for name, _ in diary.seen)
    for name in sorted(names):
        finding.expect(hit[name] >= times, f"crash point {name} was hit {hit[name]} of {times} times")
    finding.kills = len(diary.seen)
    finding.worst_recovery_s = _worst_recovery(rig, [at for _, at in diary.seen], cases)
    finding.expect(
        finding.worst_recovery_s <= RECOVERY_S_MAX, f"I8: {finding.worst_recovery_s:.1f} s from a fault to progress"
    )
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _restart_mined(rig: Rig, copy: str, settings: dict[str, str]) -> None:
    """The program runs with its crash points; one that dies while it starts is started again by the supervisor."""
    with contextlib.suppress(ProgramFailed):
        rig.house.restart(copy, settings=settings)


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
    orders = rig.fresh_orders(rounds)
    answers = {order: rig.ask_until_answered(order) for order in orders}
    rig.house.restart("web", settings={})
    cases: dict[UUID, int] = {}
    for order, answer in answers.items():
        finding.expect(answer.status_code == 201, f"order P{order}: {answer.status_code} {answer.text[:200]}")
        again = rig.ask_until_answered(order)
        finding.expect(again.content == answer.content, f"order P{order}: the replay differs")
        if answer.status_code == 201:
            cases[_case(answer)] = order
    finding.kills = len(path.read_text(encoding="ascii").split()) if path.exists() else 0
    finding.expect(finding.kills > 0, "web was never killed")
    finding.worst_recovery_s = rig.settle(cases)
    rig.judge(finding, cases)
    return finding


def database_restarts(rig: Rig, *, times: int, orders: int) -> Finding:
    """F-14: PostgreSQL stops as in a crash, again and again, while refunds are asked for and paid."""
    finding = Finding("F-14")
    numbers = rig.fresh_orders(orders * times)
    cases: dict[UUID, int] = {}
    for start in range(0, len(numbers), orders):
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(rig.refund_all, numbers[start : start + orders])
            time.sleep(0.3)
            rig.house.restart_database(immediate=True)
            back_at = time.monotonic()
            finding.kills += 1
            cases |= asked.result()
        rig.settle(cases, seconds=40)
        finding.worst_recovery_s = max(finding.worst_recovery_s, time.monotonic() - back_at)
    rig.settle(cases)
    finding.expect(finding.worst_recovery_s <= RECOVERY_S_MAX, "I8: not back within 20 s of the database")
    rig.judge(finding, cases)
    rig.verify(finding)
    return finding


def _case(answer: requests.Response) -> UUID:
    return UUID(answer.json()["id"])
