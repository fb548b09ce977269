"""The rig: a house of its own, a company with paid orders, a client that never gives up, and the provider as oracle."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import requests

from recoup.config.private_house import PrivateHouse

PROJECT = Path(__file__).resolve().parent.parent
PRICE_MINOR = 1250
GIVE_UP_S = 60.0
SETTLE_S = 90.0


@dataclass(slots=True)
class Finding:
    """What one test saw. `is_well` is false when anything was lost, doubled or an expectation did not hold."""

    name: str
    refunds: int = 0
    kills: int = 0
    lost: int = 0
    double_payments: int = 0
    worst_recovery_s: float = 0.0
    controls_failed_as_they_must: int = 0
    controls: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.double_payments or self.broken) and (
            self.controls_failed_as_they_must == self.controls
        )

    def expect(self, holds: bool, words: str) -> None:
        """Note what did not hold."""
        if not holds:
            self.broken.append(words)

    def control(self, failed: bool, words: str) -> None:
        """A broken build was tried; it has to have failed."""
        self.controls += 1
        self.controls_failed_as_they_must += failed
        self.expect(failed, f"control passed although it is broken: {words}")

    def line(self) -> str:
        told: dict[str, Any] = {
            "name": self.name,
            "refunds": self.refunds,
            "kills": self.kills,
            "lost": self.lost,
            "double_payments": self.double_payments,
            "worst_recovery_s": round(self.worst_recovery_s, 2),
            "controls_failed_as_they_must": self.controls_failed_as_they_must,
        }
        return json.dumps(told | ({"broken": self.broken} if self.broken else {}))


class Rig:
    """A running house with one company. Each test takes fresh orders, so that tests do not touch one another."""

    def __init__(self, house: PrivateHouse, *, orders: int, slug: str = "proofs") -> None:
        from recoup.access import actions as access
        from recoup.config.replaying import company as companies
        from recoup.kernel import clock

        self.house = house
        self.provider = house.running.provider_url
        self.company = companies.ensure(
            slug=slug, name="Proofs", policy=None, provider_url=self.provider, webhooks_to=house.running.web_url
        )
        self._stock(orders)
        _, self.api_key = access.create_key(
            merchant_id=self.company.id, label="Proofs", scopes=companies.SCOPES, by="proofs", at=clock.now()
        )
        self._next = 1
        self.database = house.superuser()

    def _stock(self, orders: int) -> None:
        from recoup.config.replaying import company as companies
        from recoup.kernel import clock
        from recoup.orders import actions, freezing
        from recoup.orders.documents import LineDocument, OrderDocument, PaymentDocument

        at = clock.now()
        placed_at = at - timedelta(days=4)
        documents = [
            OrderDocument(
                number=f"P{number}",
                placed_at=placed_at,
                shipped_at=placed_at + timedelta(days=1),
                delivered_at=placed_at + timedelta(days=2),
                status="delivered",
                currency="GBP",
                country="GB",
                email=f"shopper-p{number}@example.com",
                shopper_name="A Shopper",
                lines=[LineDocument(sku="mug", title="A mug", quantity=4, unit_price_minor=PRICE_MINOR)],
                payments=[
                    PaymentDocument(
                        charge_id=f"ch_{self.company.slug}{number}", amount_minor=4 * PRICE_MINOR, label="Visa 4242"
                    )
                ],
                total_paid_minor=4 * PRICE_MINOR,
                as_of=at,
            )
            for number in range(1, orders + 1)
        ]
        frozen = [freezing.freeze(each) for each in documents]
        actions.take_copies(merchant_id=self.company.id, orders=frozen, source="proofs", at=at, is_bulk=True)
        companies.charge_all(self.company, provider_url=self.provider)

    def fresh_orders(self, count: int) -> list[int]:
        """Orders that no test has used."""
        first, self._next = self._next, self._next + count
        return list(range(first, first + count))

    def ask(self, order: int, *, quantity: int = 1, key: str | None = None) -> requests.Response:
        """Ask once for so many of the order's four mugs; they are back."""
        body = {
            "order_number": f"P{order}",
            "reason": "changed_mind",
            "goods_received": True,
            "items": [{"sku": "mug", "quantity": quantity}],
        }
        return requests.post(
            f"{self.house.running.web_url}/api/v1/refunds",
            data=json.dumps(body),
            headers={
                "Authorization": f"Bearer {self.api_key}",
                "Idempotency-Key": key or f"order-{order}",
                "Content-Type": "application/json",
            },
            timeout=10,
        )

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
            self.database = self.house.superuser()
            return self.database.execute(sql, values).fetchall()  # type: ignore[call-overload,no-any-return]

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

    def judge(self, finding: Finding, cases: Mapping[UUID, int], *, amount_minor: int = PRICE_MINOR) -> None:
        """Compare what was promised with what the provider says it moved."""
        finding.refunds += len(cases)
        moved = self.moved()
        of_case: dict[UUID, list[tuple[UUID, str, int]]] = defaultdict(list)
        for payout, case, state, amount in self.payouts(cases):
            of_case[case].append((payout, state, amount))
        for case in cases:
            got = [one for payout, _, _ in of_case[case] for one in moved.get(str(payout), [])]
            is_settled = bool(of_case[case]) and all(state == "succeeded" for _, state, _ in of_case[case])
            finding.lost += sum(got) < amount_minor or not is_settled
            finding.double_payments += sum(got) > amount_minor

    def doubles(self) -> int:
        """How many payments the provider counts as made twice."""
        url = f"{self.provider}/_practice/movements/summary"
        answer = requests.get(url, params={"account": self.company.account}, timeout=30)
        return int(answer.json()["double_payments"])

    def fault(self, **told: object) -> None:
        """Script what goes wrong at the provider."""
        body = {"account": self.company.account, **told}
        requests.post(f"{self.provider}/_practice/faults", json=body, timeout=10).raise_for_status()

    def heal(self) -> None:
        """The provider behaves again."""
        requests.delete(f"{self.provider}/_practice/faults", timeout=10).raise_for_status()

    def verify(self, finding: Finding) -> None:
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


def new_key() -> str:
    """An idempotency key that nobody used."""
    return uuid4().hex
