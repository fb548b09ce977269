"""The `/v1` API: authentication, idempotency and scripted faults around what each route does."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from recoup_sandbox.http_messages import Request, Response
from recoup_sandbox.http_server import Routes
from recoup_sandbox.provider import charges, listings, objects, parameters, refunds
from recoup_sandbox.provider.accounts import Account
from recoup_sandbox.provider.errors import ProviderError, missing, server_fault
from recoup_sandbox.provider.faults import NOTHING, Fault
from recoup_sandbox.provider.idempotency import SavedAnswer
from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.objects import API_VERSION
from recoup_sandbox.provider.parameters import Parameters
from recoup_sandbox.provider.webhooks import Cause, Delivery, EndpointRefused
from recoup_sandbox.provider.world import World

PAYMENT_FIELDS = frozenset(
    "amount currency source payment_method customer description metadata receipt_email capture confirm expand "
    "capture_method payment_method_types automatic_payment_methods statement_descriptor return_url off_session".split()
)


@dataclass(slots=True)
class Call:
    """One authenticated API call."""

    account: Account
    values: Parameters
    parts: dict[str, str]
    cause: Cause
    fault: Fault
    deliveries: list[Delivery]


Work = Callable[[Call], dict[str, Any]]


class Api:
    """Answers `/v1`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, routes: Routes) -> None:
        """Put every `/v1` route into the table."""
        listed = ("refunds", "charges", "balance_transactions", "events")
        for table in listed:
            routes.add("GET", f"/v1/{table}", self._reads(f"{table}.list", self._list_of(table)))
            routes.add("GET", f"/v1/{table}/{{id}}", self._reads(f"{table}.retrieve", self._one_of(table)))
        routes.add("GET", "/v1/balance", self._reads("balance.retrieve", self._balance))
        routes.add("GET", "/v1/payment_intents/{id}", self._reads("payment_intents.retrieve", self._payment_intent))
        routes.add("GET", "/v1/webhook_endpoints", self._reads("webhook_endpoints.list", self._list_of("endpoints")))
        routes.add(
            "GET", "/v1/webhook_endpoints/{id}", self._reads("webhook_endpoints.retrieve", self._one_of("endpoints"))
        )
        routes.add("POST", "/v1/refunds", self._writes("refunds.create", self._create_refund))
        routes.add("POST", "/v1/refunds/{id}", self._writes("refunds.update", self._update_refund))
        routes.add("POST", "/v1/refunds/{id}/cancel", self._writes("refunds.cancel", self._cancel_refund))
        routes.add("POST", "/v1/charges", self._writes("charges.create", self._create_charge))
        routes.add("POST", "/v1/payment_intents", self._writes("payment_intents.create", self._create_payment_intent))
        routes.add(
            "POST", "/v1/webhook_endpoints", self._writes("webhook_endpoints.create", self._create_webhook_endpoint)
        )
        routes.add("DELETE", "/v1/webhook_endpoints/{id}", self._delete_webhook_endpoint)

    # How every call is answered -------------------------------------------------------------------------------------

    def _reads(self, route: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            identity = new_id("req")
            try:
                account = self._account(request)
                values = parameters.read(request.query)
                listings.check_expansions(route, values)
                facts = {**request.parts, "charge": values.get("charge")}
                fault = self._world.faults.take(route, account.id, facts)
                await fault.before()
                status, body = 200, _bytes(work(Call(account, values, request.parts, Cause(identity), fault, [])))
                await fault.after()
                if fault.answer_status:
                    error = server_fault(is_saved=False)
                    status, body = fault.answer_status, error.body()
            except ProviderError as error:
                status, body, fault = error.status, error.body(), NOTHING
            return _response(status, body, identity, cut_after_bytes=fault.cut_after_bytes)

        return answer

    def _writes(self, route: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            identity, key = new_id("req"), request.headers.get("idempotency-key") or None
            try:
                account = self._account(request)
                text = request.body.decode("utf-8", "replace")
                values = parameters.read(text)
                listings.check_expansions(route, values)
                fingerprint = parameters.fingerprint(request.path, text)
                with self._world.keys.held(account, key, fingerprint) as saved:
                    facts = self._facts(values)
                    is_replay = saved is not None
                    fault = self._world.faults.take(route, account.id, facts, is_replay=is_replay)
                    if saved:
                        return await self._replay(saved, fault, identity, key)
                    call = Call(account, values, request.parts, Cause(identity, key), fault, [])
                    return await self._execute(call, work, fingerprint)
            except ProviderError as error:
                return _response(error.status, error.body(), identity, key=key)

        return answer

    async def _execute(self, call: Call, work: Work, fingerprint: bytes) -> Response:
        """Do the work, keep its answer with the key in the same commit, then answer: the one way money moves."""
        world, fault = self._world, call.fault
        try:
            await fault.before()
            refusal = None
        except ProviderError as error:
            refusal = error
        with world.store.step():
            status, body, is_saved = _refused(refusal) if refusal else _worked(call, work)
            if fault.answer_status and not refusal and status < 300:
                status, body = fault.answer_status, server_fault(is_saved=True).body()
            if is_saved:
                answer = SavedAnswer(status, body, str(call.cause.request))
                world.keys.save(call.account, call.cause.idempotency_key, fingerprint, answer)
        await world.store.durable()
        await world.courier.carry_with_response(call.deliveries)
        await fault.after()
        key, identity = call.cause.idempotency_key, str(call.cause.request)
        return _response(status, body, identity, key=key, cut_after_bytes=fault.cut_after_bytes)

    async def _replay(self, saved: SavedAnswer, fault: Fault, identity: str, key: str | None) -> Response:
        await fault.before()
        await fault.after()
        return _response(
            saved.status, saved.body, identity, key=key, original=saved.request, cut_after_bytes=fault.cut_after_bytes
        )

    def _account(self, request: Request) -> Account:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            given = _basic_user(given)
        return self._world.accounts.with_secret_key(given.strip())

    def _facts(self, values: Parameters) -> dict[str, Any]:
        """What faults may ask of a request: its charge (also behind a payment intent), amount and metadata."""
        charge, intent = values.get("charge"), values.get("payment_intent")
        if not charge and intent:
            row = self._world.store.one("SELECT id FROM charges WHERE payment_intent = ?", str(intent))
            charge = row["id"] if row else None
        amount = str(values.get("amount", ""))
        metadata = values.get("metadata")
        return {
            "charge": charge,
            "amount": int(amount) if amount.isdigit() else None,
            "metadata": metadata if isinstance(metadata, dict) else {},
        }

    # What each route does -------------------------------------------------------------------------------------------

    def _create_refund(self, call: Call) -> dict[str, Any]:
        refund, call.deliveries = refunds.create(
            self._world.desk, call.account, call.values, cause=call.cause, becomes=call.fault.becomes
        )
        return self._expanded(call, refund)

    def _update_refund(self, call: Call) -> dict[str, Any]:
        refund, call.deliveries = refunds.update(
            self._world.desk, call.account, call.parts["id"], call.values, cause=call.cause
        )
        return self._expanded(call, refund)

    def _cancel_refund(self, call: Call) -> dict[str, Any]:
        refund, call.deliveries = refunds.cancel(self._world.desk, call.account, call.parts["id"], cause=call.cause)
        return self._expanded(call, refund)

    def _create_charge(self, call: Call) -> dict[str, Any]:
        row = self._take_payment(call, method=call.values.get("source") or call.values.get("payment_method"))
        return self._expanded(call, objects.charge(row))

    def _create_payment_intent(self, call: Call) -> dict[str, Any]:
        if call.values.get("confirm") != "true":
            raise ProviderError("The practice provider takes payment intents with confirm=true only.", param="confirm")
        row = self._take_payment(call, method=parameters.required(call.values, "payment_method"))
        return self._expanded(call, objects.payment_intent(row))

    def _take_payment(self, call: Call, *, method: str | None) -> Any:
        values, store = call.values, self._world.store
        parameters.allow_only(values, PAYMENT_FIELDS)
        if values.get("capture") == "false" or values.get("capture_method") == "manual":
            raise ProviderError("The practice provider captures at once.", param="capture")
        payment = {
            "amount": parameters.positive(values, "amount"),
            "currency": parameters.required(values, "currency"),
            "payment_method": method,
            "metadata": parameters.metadata(values),
            **{name: values.get(name) for name in ("customer", "description", "receipt_email")},
        }
        try:
            [made], _ = charges.add(store, self._world.accounts, call.account.id, [payment])
        except charges.ChargeRefused as error:
            raise ProviderError(str(error), param="amount") from None
        call.deliveries = refunds.pay_what_waited(self._world.desk, call.account)
        return charges.find(store, call.account.id, charge=made["id"])

    def _create_webhook_endpoint(self, call: Call) -> dict[str, Any]:
        parameters.allow_only(
            call.values, frozenset({"url", "enabled_events", "description", "metadata", "api_version", "expand"})
        )
        enabled = call.values.get("enabled_events") or {}
        if not isinstance(enabled, dict) or not enabled:
            raise ProviderError("Missing required param: enabled_events.", param="enabled_events")
        try:
            identity = self._world.events.add_endpoint(
                call.account.id,
                url=parameters.required(call.values, "url"),
                enabled_events=list(enabled.values()),
                description=call.values.get("description"),
                metadata=parameters.metadata(call.values),
            )
        except EndpointRefused as error:
            raise ProviderError(str(error), code="url_invalid", param="url") from None
        row = self._world.store.one("SELECT * FROM endpoints WHERE id = ?", identity)
        assert row is not None
        return objects.webhook_endpoint(row, with_secret=True)

    async def _delete_webhook_endpoint(self, request: Request) -> Response:
        identity = new_id("req")
        try:
            account = self._account(request)
            endpoint = listings.one(self._world.store, account, "endpoints", request.parts["id"])
        except ProviderError as error:
            return _response(error.status, error.body(), identity)
        with self._world.store.step():
            self._world.events.remove_endpoint(account.id, endpoint["id"])
        await self._world.store.durable()
        return _response(200, _bytes({"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}), identity)

    def _list_of(self, table: str) -> Work:
        url = f"/v1/{'webhook_endpoints' if table == 'endpoints' else table}"

        def work(call: Call) -> dict[str, Any]:
            page = listings.page(self._world.store, call.account, table, call.values, url=url)
            wanted = parameters.expansions(call.values)
            for value in page["data"] if wanted else ():
                listings.expand(self._world.store, call.account, value, wanted)
            return page

        return work

    def _one_of(self, table: str) -> Work:
        def work(call: Call) -> dict[str, Any]:
            parameters.allow_only(call.values, frozenset({"expand"}))
            return self._expanded(call, listings.one(self._world.store, call.account, table, call.parts["id"]))

        return work

    def _payment_intent(self, call: Call) -> dict[str, Any]:
        row = charges.find(self._world.store, call.account.id, payment_intent=call.parts["id"])
        if row is None:
            raise missing("payment_intent", call.parts["id"], param="intent")
        return self._expanded(call, objects.payment_intent(row))

    def _balance(self, call: Call) -> dict[str, Any]:
        rows = self._world.store.all("SELECT * FROM balances WHERE account = ? ORDER BY currency", call.account.id)
        return objects.balance(rows)

    def _expanded(self, call: Call, value: dict[str, Any]) -> dict[str, Any]:
        return listings.expand(self._world.store, call.account, value, parameters.expansions(call.values))


def _worked(call: Call, work: Work) -> tuple[int, bytes, bool]:
    try:
        return 200, _bytes(work(call)), True
    except ProviderError as error:
        return _refused(error)


def _refused(error: ProviderError) -> tuple[int, bytes, bool]:
    return error.status, error.body(), error.is_saved


def _basic_user(encoded: str) -> str:
    try:
        return base64.b64decode(encoded).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _bytes(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def _response(
    status: int,
    body: bytes,
    identity: str,
    *,
    key: str | None = None,
    original: str | None = None,
    cut_after_bytes: int | None = None,
) -> Response:
    headers = [("Request-Id", identity), ("Stripe-Version", API_VERSION)]
    if key:
        headers += [("Idempotency-Key", key), ("Original-Request", original or identity)]
    if original:
        headers.append(("Idempotent-Replayed", "true"))
    if status in (409, 429):
        headers.append(("Stripe-Should-Retry", "true"))
    elif status >= 400:
        headers.append(("Stripe-Should-Retry", "false"))
    return Response(status, body, headers=tuple(headers), cut_after_bytes=cut_after_bytes)
