"""The control API under `/_practice`: accounts, charges by the ten thousand, faults, webhooks, the clock, the oracle.

Not part of the provider that is being imitated. Answers loopback callers that are not browsers on other pages.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

import orjson

from recoup_sandbox.http_messages import Request, Response, json_response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.loopback_only import refuse_strangers
from recoup_sandbox.provider import accounts as account_rules
from recoup_sandbox.provider import charges, currencies, objects, oracle, refunds
from recoup_sandbox.provider.accounts import UnknownAccount
from recoup_sandbox.provider.charges import ChargeRefused
from recoup_sandbox.provider.faults import FaultUnclear, check_steps
from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.refunds import MoveNotPossible
from recoup_sandbox.provider.webhooks import Cause, Delivery, RuleUnclear
from recoup_sandbox.provider.world import World, prune, take_due_steps

CHARGES_PER_STEP = 2_000
DISPUTE_REASONS = ("fraudulent", "product_not_received", "product_unacceptable", "duplicate", "general")
_REFUSALS = (ChargeRefused, FaultUnclear, RuleUnclear, MoveNotPossible, ValueError, TypeError)


class NotThere(LookupError):
    """What the control call names does not exist."""


class Practice:
    """Answers `/_practice`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "/accounts", self._accounts),
            ("POST", "/accounts", self._put_account),
            ("POST", "/accounts/{id}", self._change_account),
            ("POST", "/accounts/{id}/funds", self._add_funds),
            ("POST", "/charges", self._add_charges),
            ("POST", "/charges/{id}/dispute", self._dispute),
            ("POST", "/refunds/{id}/becomes", self._refund_becomes),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._add_fault),
            ("DELETE", "/faults", self._remove_faults),
            ("DELETE", "/faults/{id}", self._remove_faults),
            ("GET", "/webhooks/rules", self._rules),
            ("POST", "/webhooks/rules", self._add_rule),
            ("DELETE", "/webhooks/rules", self._remove_rules),
            ("POST", "/webhooks/release", self._release),
            ("POST", "/webhooks/redeliver", self._redeliver),
            ("GET", "/webhooks/deliveries", self._deliveries),
            ("GET", "/clock", self._clock),
            ("POST", "/clock", self._move_clock),
            ("GET", "/movements", self._movements),
            ("GET", "/movements/summary", self._summary),
        ]

    def register(self, routes: Routes) -> None:
        """Put every control route into the table, and a list of them at `/_practice`."""
        for method, path, work in self._table:
            routes.add(method, f"/_practice{path}", self._guarded(work))
        routes.add("GET", "/_practice", self._guarded(self._index))

    def _guarded(self, work: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            stranger = refuse_strangers(request)
            if stranger:
                return stranger
            try:
                value = await work(request)
            except UnknownAccount as error:
                return json_response({"error": {"message": f"no account {error}"}}, status=404)
            except LookupError as error:
                return json_response({"error": {"message": f"not there: {error}"}}, status=404)
            except _REFUSALS as error:
                return json_response({"error": {"message": str(error)}}, status=400)
            await self._world.store.durable()
            return json_response(value)

        return answer

    async def _index(self, request: Request) -> Any:
        return {
            "what": "control of the practice provider; see docs/practice-provider.md",
            "calls": [f"{method} /_practice{path}" for method, path, _ in self._table],
            "profiles": account_rules.PROFILES,
            "when_short": account_rules.WHEN_SHORT,
            "magic_payment_methods": {f"pm_card_{name}": steps for name, steps in charges.MAGIC_METHODS.items()},
        }

    # Accounts and what they hold ------------------------------------------------------------------------------------

    async def _accounts(self, request: Request) -> Any:
        return {"accounts": [account.as_json() for account in self._world.accounts.all()]}

    async def _put_account(self, request: Request) -> Any:
        told = request.json()
        before = next((known for known in self._world.accounts.all() if known.id == told.get("id")), None)
        account = account_rules.account_from_json(told, now=self._world.store.now(), before=before)
        return self._world.accounts.put(account).as_json()

    async def _change_account(self, request: Request) -> Any:
        before = self._world.accounts.get(request.parts["id"])
        told = {**request.json(), "id": before.id}
        account = account_rules.account_from_json(told, now=self._world.store.now(), before=before)
        return self._world.accounts.put(account).as_json()

    async def _add_funds(self, request: Request) -> Any:
        told, account = request.json(), self._world.accounts.get(request.parts["id"])
        currency = str(told.get("currency", "")).lower()
        if not currencies.is_known(currency) or ("set_minor" in told) == ("add_minor" in told):
            raise ValueError("tell a currency and one of add_minor, set_minor")
        with self._world.store.step():
            now_available = self._world.accounts.available(account.id, currency)
            change = int(told["add_minor"]) if "add_minor" in told else int(told["set_minor"]) - now_available
            self._world.accounts.add_funds(account.id, currency, change)
            deliveries = refunds.pay_what_waited(self._world.desk, account)
        await self._send(deliveries)
        return {"account": account.id, "currency": currency, "available": now_available + change}

    async def _add_charges(self, request: Request) -> Any:
        told, store = request.json(), self._world.store
        account = self._world.accounts.get(str(told.get("account")))
        wanted, new = told.get("charges"), 0
        made: list[dict[str, Any]] = []
        if not isinstance(wanted, list):
            raise ValueError("tell {account, charges: [{amount, currency, ...}, ...]}")
        for start in range(0, len(wanted), CHARGES_PER_STEP):
            with store.step():
                some, fresh = charges.add(
                    store, self._world.accounts, account.id, wanted[start : start + CHARGES_PER_STEP]
                )
            made, new = made + some, new + fresh
            await asyncio.sleep(0)
        with store.step():
            deliveries = refunds.pay_what_waited(self._world.desk, account)
        await self._send(deliveries)
        return {"account": account.id, "new": new, "charges": made if told.get("answer", "full") == "full" else None}

    async def _dispute(self, request: Request) -> Any:
        told, store = request.json(), self._world.store
        row = store.one("SELECT * FROM charges WHERE id = ?", request.parts["id"])
        if row is None:
            raise NotThere(request.parts["id"])
        reason = told.get("reason", "fraudulent")
        if reason not in DISPUTE_REASONS:
            raise ValueError(f"reason is one of {', '.join(DISPUTE_REASONS)}")
        identity, now = new_id("dp"), int(store.now())
        dispute = objects.dispute(identity, row, amount=told.get("amount", row["amount"]), reason=reason, created=now)
        with store.step():
            store.run("UPDATE charges SET disputed = 1 WHERE id = ?", row["id"])
            store.run(
                "INSERT INTO disputes (id, account, charge, body) VALUES (?, ?, ?, ?)",
                identity, row["account"], row["id"], orjson.dumps(dispute),
            )  # fmt: skip
            deliveries = self._world.events.record(row["account"], "charge.dispute.created", dispute, Cause())
            deliveries += self._fail_pending_refunds(row["id"])
        await self._send(deliveries)
        return dispute

    def _fail_pending_refunds(self, charge: str) -> list[Delivery]:
        """A dispute ends the refunds of that charge that were still on their way."""
        deliveries: list[Delivery] = []
        pending = self._world.store.all("SELECT id FROM refunds WHERE charge = ? AND status = 'pending'", charge)
        step = {"status": "failed", "failure_reason": "charge_for_pending_refund_disputed"}
        for row in pending:
            deliveries += refunds.move(self._world.desk, row["id"], step, cause=Cause())[1]
        return deliveries

    async def _refund_becomes(self, request: Request) -> Any:
        step = request.json()
        check_steps([step])
        with self._world.store.step():
            refund, deliveries = refunds.move(self._world.desk, request.parts["id"], step, cause=Cause())
        await self._send(deliveries)
        return refund

    # Faults, webhooks, the clock ------------------------------------------------------------------------------------

    async def _faults(self, request: Request) -> Any:
        return {"faults": [asdict(fault) for fault in self._world.faults.all()]}

    async def _add_fault(self, request: Request) -> Any:
        return asdict(self._world.faults.add(request.json()))

    async def _remove_faults(self, request: Request) -> Any:
        number = request.parts.get("id")
        return {"removed": self._world.faults.remove(int(number) if number else None)}

    async def _rules(self, request: Request) -> Any:
        return {"rules": [asdict(rule) for rule in self._world.events.rules()]}

    async def _add_rule(self, request: Request) -> Any:
        return asdict(self._world.events.add_rule(request.json()))

    async def _remove_rules(self, request: Request) -> Any:
        return {"removed": self._world.events.remove_rules()}

    async def _release(self, request: Request) -> Any:
        told = request.json()
        return {"released": await self._world.courier.release(account=told.get("account"), order=told.get("order", []))}

    async def _redeliver(self, request: Request) -> Any:
        told = request.json()
        statuses = await self._world.courier.redeliver(str(told.get("event")), times=int(told.get("times", 1)))
        return {"statuses": statuses}

    async def _deliveries(self, request: Request) -> Any:
        account = request.query_values().get("account")
        rows = self._world.store.all(
            "SELECT d.state, d.tries, d.copies, d.last_status, d.next_at, d.event, e.type, e.account, d.endpoint "
            "FROM deliveries d JOIN events e ON e.id = d.event WHERE ? IS NULL OR e.account = ? "
            "ORDER BY d.seq DESC LIMIT 1000",
            account, account,
        )  # fmt: skip
        waiting = self._world.store.one("SELECT count(*) AS n FROM deliveries WHERE state = 'waiting'")
        return {"deliveries": [dict(row) for row in rows], "waiting": waiting["n"] if waiting else 0}

    async def _clock(self, request: Request) -> Any:
        return {"now": self._world.store.now(), "offset_s": self._world.store.clock_offset_s}

    async def _move_clock(self, request: Request) -> Any:
        told, store = request.json(), self._world.store
        if ("advance_s" in told) == ("offset_s" in told):
            raise ValueError("tell one of advance_s, offset_s")
        offset = store.clock_offset_s + told["advance_s"] if "advance_s" in told else told["offset_s"]
        store.move_clock(offset_s=float(offset))
        prune(self._world)
        while await take_due_steps(self._world):
            pass
        self._world.courier.sweep()
        return {"now": store.now(), "offset_s": store.clock_offset_s}

    # The oracle -----------------------------------------------------------------------------------------------------

    async def _movements(self, request: Request) -> Any:
        asked = request.query_values()
        return await asyncio.to_thread(
            oracle.movements,
            self._world.store.path,
            account=asked.get("account"),
            payout=asked.get("payout"),
            after=int(asked.get("after", 0)),
            limit=int(asked.get("limit", oracle.PAGE_MAX)),
        )

    async def _summary(self, request: Request) -> Any:
        account = request.query_values().get("account")
        return await asyncio.to_thread(oracle.summary, self._world.store.path, account=account)

    async def _send(self, deliveries: list[Delivery]) -> None:
        await self._world.store.durable()
        self._world.courier.carry(deliveries)
