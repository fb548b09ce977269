"""The rig: a house of its own, a company with paid orders, a client that never gives up, and the provider as oracle."""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests

from proofs import stock
from proofs.finding import Finding
from proofs.stock import PRICE_MINOR
from recoup.config.private_house import PrivateHouse
from recoup.config.refusals import ProgramFailed
from recoup.config.roster import Program, copies_of

PROJECT = Path(__file__).resolve().parent.parent
GIVE_UP_S = 60.0
SETTLE_S = 120.0
LEASE_S = 15.0
REVIEWING = ("refunds:read", "refunds:review")


class Rig:
    """A running house with one company. Each test takes fresh orders, so that tests do not touch one another.

    `in_hurry`: waits that only let time pass (a lease, a schedule) are cut short by hand, and no deadline is judged.
    """

    def __init__(
        self,
        house: PrivateHouse,
        roster: dict[str, Program],
        *,
        workers: int,
        orders: int,
        rare_orders: int,
        in_hurry: bool,
    ) -> None:
        from recoup.config.replaying import company as companies

        self.house = house
        self.in_hurry = in_hurry
        self.provider = house.running.provider_url
        self.company = companies.ensure(
            slug="proofs", name="Proofs", policy=None, provider_url=self.provider, webhooks_to=house.running.web_url
        )
        stock.take(self.company, list(stock.mug_orders(self.company, orders)))
        stock.take(self.company, list(stock.sofa_orders(self.company, rare_orders)))
        companies.charge_all(self.company, provider_url=self.provider)
        tight = list(stock.tight_orders(self.company, rare_orders))
        stock.take(self.company, tight)
        stock.charge_whole(self.company, tight, provider_url=self.provider)
        self.database = house.superuser()
        # A shop has had its orders for days; the planner shall know about them.
        self.database.execute("VACUUM (ANALYZE)")
        self.api_key = self.key_for("Proofs", companies.SCOPES)
        self._roster = roster
        self._next = {kind: itertools.count(1) for kind in "PRS"}
        self._workers = workers
        self._copies = itertools.count(workers + 1)

    def key_for(self, label: str, scopes: tuple[str, ...]) -> str:
        """A key of the company's API, whose deeds are told under its own name."""
        from recoup.access import actions as access
        from recoup.kernel import clock

        _, secret = access.create_key(
            merchant_id=self.company.id, label=label, scopes=scopes, by="proofs", at=clock.now()
        )
        return secret

    # Programs --------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def broken(
        self, program: str, module: str, *words: str, copies: int = 1, settings: Mapping[str, str] | None = None
    ) -> Iterator[list[str]]:
        """Instead of the program, one of `proofs.broken` runs. Gives its names; later all is as before."""
        away = self.copies(program)
        names = [f"{program}-{next(self._copies)}" for _ in range(copies)]
        sound = self._roster[program]
        for copy in away:
            self.house.stop(copy)
        self._roster[program] = replace(sound, command=("-m", f"proofs.broken.{module}", *words))
        try:
            for name in names:
                self.house.start(name, settings=settings or {})
            yield names
        finally:
            self._roster[program] = sound
            for name in names:
                self.house.stop(name)
            for copy in away:
                self.house.start(copy)

    def restart(self, copies: Iterable[str], settings: Mapping[str, str]) -> None:
        """The programs run with these settings. One that dies while it starts is started again by the supervisor."""

        def restart(copy: str) -> None:
            with contextlib.suppress(ProgramFailed):
                self.house.restart(copy, settings=settings)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(restart, copies))

    def copies(self, program: str) -> list[str]:
        """The names under which the program runs."""
        return copies_of(program, 1 if program == "web" else self._workers)

    # Asking ----------------------------------------------------------------------------------------------------------

    def fresh_orders(self, count: int) -> list[int]:
        """Orders that no test has used."""
        return list(itertools.islice(self._next["P"], count))

    def fresh_rare_orders(self, kind: str, count: int) -> list[str]:
        """Orders of `proofs.stock` that no test has used: `R` are the tight ones, `S` have a sofa."""
        return [f"{kind}{number}" for number in itertools.islice(self._next[kind], count)]

    def ask(
        self, order: int | str, *, sku: str = "mug", quantity: int = 1, key: str | None = None
    ) -> requests.Response:
        """Ask once for so many of an item of the order; they are back."""
        number = f"P{order}" if isinstance(order, int) else order
        body = {
            "order_number": number,
            "reason": "changed_mind",
            "goods_received": True,
            "items": [{"sku": sku, "quantity": quantity}],
        }
        return self.post("refunds", body, api_key=self.api_key, key=key or f"order-{number}")

    def post(self, path: str, body: Mapping[str, object], *, api_key: str, key: str | None = None) -> requests.Response:
        """Tell the JSON API something once."""
        headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        url = f"{self.house.running.web_url}/api/v1/{path}"
        return requests.post(url, data=json.dumps(body), headers=headers, timeout=30)

    def ask_until_answered(self, order: int) -> requests.Response:
        """As a careful client does: the same key and body until there is an answer that is final."""
        until = time.monotonic() + GIVE_UP_S
        while True:
            try:
                answer = self.ask(order)
                is_final = answer.status_code < 500 and answer.status_code not in (409, 429)
                if is_final or time.monotonic() > until:
                    return answer
            except requests.RequestException:
                if time.monotonic() > until:
                    raise
            time.sleep(0.3)

    def refund_all(self, orders: Iterable[int], *, threads: int = 4) -> dict[UUID, int]:
        """Ask for one mug of each order, so that the charge could pay for it four times. Gives the accepted cases."""
        numbers = list(orders)
        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(self.ask_until_answered, numbers))
        for answer in answers:
            if answer.status_code != 201:
                raise RuntimeError(f"{answer.status_code} {answer.text[:500]}")
        return {UUID(answer.json()["id"]): number for number, answer in zip(numbers, answers, strict=True)}

    # Looking ---------------------------------------------------------------------------------------------------------

    def payouts(self, cases: Iterable[UUID]) -> list[tuple[UUID, UUID, str, int]]:
        """(payout, case, state, amount) of these cases, read from outside all programs."""
        return list(
            self.rows(
                "SELECT id, case_id, state, amount_minor FROM payments_payout WHERE case_id = ANY(%s)", list(cases)
            )
        )

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Superuser's look into the database; connects again after a restart."""
        import psycopg

        try:
            return self.database.execute(sql, values).fetchall()  # type: ignore[call-overload,no-any-return]
        except psycopg.OperationalError:
            self.reconnect()
            return self.database.execute(sql, values).fetchall()  # type: ignore[call-overload,no-any-return]

    def leave(self) -> None:
        """Its own connection and Django's are closed."""
        from django.db import connections

        connections.close_all()
        self.database.close()

    def reconnect(self) -> None:
        """Connections that a restart of the database has broken are new."""
        self.leave()
        self.database = self.house.superuser()

    def wait(self, until: Callable[[], object], what: str, *, seconds: float = SETTLE_S) -> float:
        """Wait until it is so; the seconds that took. Raises TimeoutError."""
        began = time.monotonic()
        while not until():
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"waited {seconds:.0f} s in vain: {what}")
            time.sleep(0.05)
        return time.monotonic() - began

    def settle(self, cases: Iterable[UUID], *, seconds: float = SETTLE_S) -> float:
        """Wait until each case's payout has succeeded, as far as it will; the seconds that took."""
        wanted, began = set(cases), time.monotonic()
        while time.monotonic() - began < seconds:
            done = {case for _, case, state, _ in self.payouts(wanted) if state == "succeeded"}
            if done == wanted:
                break
            time.sleep(0.25)
        return time.monotonic() - began

    def moved(self) -> dict[str, list[int]]:
        """By payout, the amounts that the provider's own record shows as moved."""
        moved, after = defaultdict(list), 0
        while True:
            answer = requests.get(
                f"{self.provider}/_practice/movements",
                params={"account": self.company.account, "after": after},
                timeout=30,
            ).json()
            for each in answer["movements"]:
                moved[str(each["recoup_payout"])].append(int(each["amount_minor"]))
            if not answer["has_more"]:
                return moved
            after = answer["next_after"]

    def judge(self, finding: Finding, cases: Mapping[UUID, object], *, amount_minor: int | None = PRICE_MINOR) -> None:
        """Compare what was promised with what the provider says it moved. `amount_minor` None: what the payout says."""
        finding.refunds += len(cases)
        moved = self.moved()
        of_case: dict[UUID, list[tuple[UUID, str, int]]] = defaultdict(list)
        for payout, case, state, amount in self.payouts(cases):
            of_case[case].append((payout, state, amount))
        for case in cases:
            got = sum(one for payout, _, _ in of_case[case] for one in moved.get(str(payout), []))
            wanted = sum(amount for _, _, amount in of_case[case]) if amount_minor is None else amount_minor
            is_settled = bool(of_case[case]) and all(state == "succeeded" for _, state, _ in of_case[case])
            finding.lost += got < wanted or not is_settled
            finding.double_payments += got > wanted

    def doubles(self) -> int:
        """How many payments the provider counts as made twice."""
        url = f"{self.provider}/_practice/movements/summary"
        answer = requests.get(url, params={"account": self.company.account}, timeout=30)
        return int(answer.json()["double_payments"])

    def verify(self, finding: Finding) -> None:
        """The invariants I1 to I7 after this test. In a hurry they are asked once, after all tests."""
        if not self.in_hurry:
            self.check_invariants(finding)

    def check_invariants(self, finding: Finding) -> None:
        """The invariants I1 to I7, as the product's own command sees them."""
        done = subprocess.run(
            [sys.executable, "-m", "recoup.config.cli", "--data-dir", str(self.house.data_dir), "verify", "--json"],
            capture_output=True,
            text=True,
            cwd=PROJECT,
            check=False,
        )
        try:
            told = json.loads(done.stdout.strip().splitlines()[-1])
        except (IndexError, ValueError):
            finding.broken.append(f"verify said nothing: {done.stderr[-500:]}")
            return
        for name, one in told.items():
            if isinstance(one, dict) and not one["ok"]:
                finding.broken.append(f"{name}: {one['broken'][:3]}")

    # Misfortune ------------------------------------------------------------------------------------------------------

    def fault(self, **told: object) -> None:
        """Script what goes wrong at the provider."""
        body = {"account": self.company.account, **told}
        requests.post(f"{self.provider}/_practice/faults", json=body, timeout=10).raise_for_status()

    def faults_left(self) -> int:
        """How many scripted faults nobody has met yet."""
        return len(requests.get(f"{self.provider}/_practice/faults", timeout=10).json()["faults"])

    def heal(self) -> None:
        """The provider behaves again."""
        requests.delete(f"{self.provider}/_practice/faults", timeout=10).raise_for_status()

    def let_leases_end(self) -> None:
        """Whoever holds a lease now holds it no longer. In a hurry the leases are ended by hand."""
        if not self.in_hurry:
            time.sleep(2 * LEASE_S)
            return
        for table in ("payments_payout", "webhooks_receipt"):
            self.database.execute(
                f"UPDATE {table} SET lease_until = now() - interval '1 s', next_at = least(next_at, now())"  # noqa: S608
                " WHERE lease_until > now() AND next_at IS NOT NULL"
            )

    def let_time_come(self, payouts: Iterable[UUID]) -> None:
        """What would be looked at later is looked at now, as if the time had passed."""
        self.database.execute(
            "UPDATE payments_payout SET next_at = now() WHERE id = ANY(%s) AND next_at > now() AND lease_until IS NULL",
            [list(payouts)],
        )


def new_key() -> str:
    """An idempotency key that nobody used."""
    return uuid4().hex
