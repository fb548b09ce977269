"""Events, and who is to hear of them: endpoints, delivery rules, and the rows that promise each delivery."""

from dataclasses import dataclass, fields
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import orjson

from recoup_sandbox.provider.ids import new_id
from recoup_sandbox.provider.objects import API_VERSION
from recoup_sandbox.provider.store import Store

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
EVENT_TYPES = (
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.refund.updated",
    "charge.dispute.created",
)


class RuleUnclear(ValueError):
    """The control API was told of a delivery rule that cannot be followed."""


class EndpointRefused(ValueError):
    """The practice world delivers to loopback only."""


@dataclass(slots=True, kw_only=True)
class DeliveryRule:
    """What happens to the deliveries of matching events, instead of one prompt delivery."""

    account: str | None = None
    type: str | None = None
    charge: str | None = None
    refund: str | None = None
    times: int | None = None
    #: Never delivered: lost for good.
    drop: bool = False
    #: Sent so many times at once.
    copies: int = 1
    #: Not before so many seconds (of the provider's clock).
    delay_s: float = 0.0
    #: Kept until /_practice/webhooks/release says in which order.
    hold: bool = False
    #: Delivered before the API request that caused it is answered.
    before_response: bool = False
    id: int = 0
    used: int = 0

    def matches(self, account: str, event_type: str, subject: dict[str, Any]) -> bool:
        if self.account not in (None, account) or self.type not in (None, event_type):
            return False
        is_refund = subject.get("object") == "refund"
        refund = subject["id"] if is_refund else None
        charge = subject.get("charge") if is_refund or subject.get("object") == "dispute" else subject["id"]
        return self.refund in (None, refund) and self.charge in (None, charge)


@dataclass(slots=True)
class Delivery:
    """One event to one endpoint, as the courier carries it."""

    seq: int
    event: str
    endpoint: str
    copies: int
    tries: int = 0
    is_before_response: bool = False


@dataclass(slots=True)
class Cause:
    """The request that made something happen; nothing when the provider moved by itself."""

    request: str | None = None
    idempotency_key: str | None = None


class Events:
    """Records events and promises their deliveries. All writing happens inside the caller's step."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rules: list[DeliveryRule] = []
        self._numbers = count(1)
        self._endpoints: dict[str, list[dict[str, Any]]] = {}
        #: Deliveries somebody is already carrying, so that the courier's sweep leaves them alone.
        self.in_hand: set[int] = set()
        self.by_endpoint: dict[str, tuple[str, str]] = {}
        for row in store.all("SELECT * FROM endpoints ORDER BY seq"):
            self._remember(row["account"], row["id"], row["url"], row["secret"], orjson.loads(row["enabled_events"]))

    def add_endpoint(
        self, account: str, *, url: str, enabled_events: list[str], description: str | None, metadata: dict[str, str]
    ) -> str:
        """Inside a step: from now on `url` hears of the account's events. Returns its id. Raises EndpointRefused."""
        if urlsplit(url).scheme != "http" or urlsplit(url).hostname not in LOOPBACK_HOSTS:
            raise EndpointRefused("the practice provider delivers to http:// addresses on loopback only")
        identity, secret = new_id("we"), new_id("whsec")
        self._store.run(
            "INSERT INTO endpoints (id, account, url, secret, enabled_events, status, api_version, description, "
            "metadata, created) VALUES (?, ?, ?, ?, ?, 'enabled', ?, ?, ?, ?)",
            identity, account, url, secret, orjson.dumps(enabled_events).decode(), API_VERSION, description,
            orjson.dumps(metadata).decode(), int(self._store.now()),
        )  # fmt: skip
        self._remember(account, identity, url, secret, enabled_events)
        return identity

    def remove_endpoint(self, account: str, identity: str) -> None:
        """Inside a step: `identity` hears nothing more."""
        self._store.run("DELETE FROM endpoints WHERE id = ? AND account = ?", identity, account)
        kept = [endpoint for endpoint in self._endpoints.get(account, []) if endpoint["id"] != identity]
        self._endpoints[account] = kept
        self.by_endpoint.pop(identity, None)

    def record(
        self, account: str, event_type: str, subject: dict[str, Any], cause: Cause, *,
        previous: dict[str, Any] | None = None,
    ) -> list[Delivery]:  # fmt: skip
        """Inside a step: this happened. Returns the deliveries that are due at once."""
        now = self._store.now()
        listeners = [
            endpoint["id"]
            for endpoint in self._endpoints.get(account, [])
            if "*" in endpoint["enabled_events"] or event_type in endpoint["enabled_events"]
        ]
        identity = new_id("evt")
        body = {
            "id": identity,
            "object": "event",
            "api_version": API_VERSION,
            "created": int(now),
            "data": {"object": subject} if previous is None else {"object": subject, "previous_attributes": previous},
            "livemode": False,
            "pending_webhooks": len(listeners),
            "request": {"id": cause.request, "idempotency_key": cause.idempotency_key},
            "type": event_type,
        }
        self._store.run(
            "INSERT INTO events (id, account, type, created, body) VALUES (?, ?, ?, ?, ?)",
            identity, account, event_type, int(now), orjson.dumps(body),
        )  # fmt: skip
        if not listeners:
            return []
        rule = self._rule_for(account, event_type, subject)
        return [delivery for endpoint in listeners if (delivery := self._promise(identity, endpoint, rule, now))]

    def rules(self) -> list[DeliveryRule]:
        return list(self._rules)

    def add_rule(self, told: dict[str, Any]) -> DeliveryRule:
        """Raises RuleUnclear."""
        known = {one.name for one in fields(DeliveryRule)} - {"id", "used"}
        if set(told) - known:
            raise RuleUnclear(f"a delivery rule has {', '.join(sorted(known))}")
        if told.get("type") not in (None, *EVENT_TYPES):
            raise RuleUnclear(f"type is one of {', '.join(EVENT_TYPES)}")
        rule = DeliveryRule(**told)
        rule.id = next(self._numbers)
        self._rules.append(rule)
        return rule

    def remove_rules(self) -> int:
        gone, self._rules = len(self._rules), []
        return gone

    def _rule_for(self, account: str, event_type: str, subject: dict[str, Any]) -> DeliveryRule:
        for rule in self._rules:
            if rule.matches(account, event_type, subject):
                rule.used += 1
                if rule.times is not None and rule.used >= rule.times:
                    self._rules.remove(rule)
                return rule
        return _PROMPT

    def _promise(self, event: str, endpoint: str, rule: DeliveryRule, now: float) -> Delivery | None:
        state = "dropped" if rule.drop else "held" if rule.hold else "waiting"
        row = self._store.one(
            "INSERT INTO deliveries (event, endpoint, state, copies, next_at) VALUES (?, ?, ?, ?, ?) RETURNING seq",
            event, endpoint, state, rule.copies, now + rule.delay_s,
        )  # fmt: skip
        if state != "waiting" or rule.delay_s or row is None:
            return None
        self.in_hand.add(row["seq"])
        return Delivery(row["seq"], event, endpoint, rule.copies, is_before_response=rule.before_response)

    def _remember(self, account: str, identity: str, url: str, secret: str, enabled_events: list[str]) -> None:
        self._endpoints.setdefault(account, []).append({"id": identity, "enabled_events": enabled_events})
        self.by_endpoint[identity] = (url, secret)


_PROMPT = DeliveryRule()
