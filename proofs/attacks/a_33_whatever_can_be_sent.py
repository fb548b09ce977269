"""A-33: schemathesis makes requests of the OpenAPI document, allowed ones and others, for everybody who can call.

In the long form also one after the other: what one request was answered with is what the next one asks for.

Looked for: an answer of 500 and more; an answer that the document does not know by status, type, headers or shape; an
operation that answers somebody who has not said who they are.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from proofs.attacks import matrix
from proofs.attacks.apps import AppAtWork
from proofs.attacks.ground import Ground, _From
from proofs.attacks.seen import Seen

NAME = "A-33"
TITLE = "Whatever can be sent breaks nothing, and is answered as documented"

SOURCE = "127.0.33.1"
#: How many of each kind are made for each operation.
EXAMPLES, EXAMPLES_SHORT = 8, 1
#: Chains of requests, and how long each is at most.
CHAINS, STEPS = 40, 12
#: What the apps of this row ask for.
_APPS_MAY = ("orders:read", "orders:write", "refunds:read", "refunds:review", "refunds:write")
#: How somebody is answered who shows nothing, or nothing good.
SHUT = frozenset({400, 401, 405, 413, 415, 429})


@dataclass(slots=True)
class Heard:
    """What one kind of caller was answered."""

    count: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: Requests for one thing that was there.
    followed: int = 0


def run(ground: Ground, seen: Seen) -> None:
    """Each kind of caller, then three builds that answer as they should not."""
    ours = _ours(ground)
    schema = _schema(ground.url)
    for who, secret in _callers(ground, ours):
        line = _Line(ground.url, secret, ours)
        heard = _ask(schema, line, examples=EXAMPLES_SHORT if ground.is_short else EXAMPLES)
        seen.checks += heard.count
        seen.findings.extend(f"{who}: {words}" for words in heard.wrong[:5])
        limited = heard.statuses.get(429, 0)
        seen.expect(limited * 5 < heard.count, f"{who}: {limited} of {heard.count} were only told to wait")
        if who.startswith("nobody"):
            seen.expect(set(heard.statuses) <= SHUT, f"{who} was answered {sorted(set(heard.statuses) - SHUT)}")
        else:
            seen.expect(set(heard.statuses) - SHUT, f"{who} was never let in: {heard.statuses}")
    if not ground.is_short:
        _in_turn(ground, seen, schema, ours)
    _controls(ground, seen, schema, ours)


def _in_turn(ground: Ground, seen: Seen, schema: Any, ours: dict[str, str]) -> None:
    """Chains of requests: an order and its refund, a key and its end, an endpoint and its deliveries."""
    from recoup.access import keys

    heard = Heard()
    line = _Line(ground.url, ground.one.new_key(*keys.SCOPES), ours)
    ways = {
        "get_call_kwargs": lambda _self, _case: {
            "base_url": line.url,
            "session": line.session,
            "headers": line.headers(),
        },
        "validate_response": lambda _self, answer, case, **_more: _judge(case, answer, heard),
    }
    chain: Any = type("Chain", (schema.as_state_machine(),), ways)
    chain.run(
        settings=settings(
            max_examples=CHAINS,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    line.session.close()
    seen.checks += heard.count
    seen.findings.extend(f"in turn: {words}" for words in heard.wrong[:5])
    seen.expect(heard.followed, "no request ever asked for what one before it was answered with")


def _controls(ground: Ground, seen: Seen, schema: Any, ours: dict[str, str]) -> None:
    few = ("list_orders", "list_refunds", "get_refund")
    with ground.broken("odd_answers", str(ground.one.id)) as url:
        heard = _ask(schema, _Line(url, "", ours), examples=2, only=few)
    seen.control(200 in heard.statuses, "an API that asks nobody who they are")
    seen.control(any("ZeroDivision" in words or ": 500" in words for words in heard.wrong), "a list that breaks")
    seen.control(any("internal_note" in words for words in heard.wrong), "a refund with a member too many")


def _callers(ground: Ground, ours: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Everybody with another right to call: each scope alone, all of them, none, a guest of one case, and those who do
    not belong here.
    """
    from recoup.access import keys

    yield "a key of every scope", ground.one.new_key(*keys.SCOPES)
    yield "nobody", ""
    yield "a company's own program, by OAuth", AppAtWork(ground, ground.one, "server", _APPS_MAY).own_token()
    if not ground.is_short:
        yield "the guest of a case", _guest_of(ground, ours["case_id"])
        yield "nobody, with a key that never was", "rk_" + "x" * 43
        yield "a key that only reads", ground.one.new_key("orders:read", "refunds:read")
        yield "another company's key", ground.two.new_key(*keys.SCOPES)
        app = AppAtWork(ground, ground.one, scopes=_APPS_MAY)
        for role in matrix.ROLES:
            given = app.let_in_by(ground.sign_in(ground.one.hire(role)), scope=" ".join(("openid", *_APPS_MAY)))
            yield f"a {role} through an app", str(given["access_token"])
        for scope in sorted(keys.SCOPES):
            yield f"a key of {scope}", ground.one.new_key(scope)


def _guest_of(ground: Ground, case_id: str) -> str:
    given = ground.call("POST", f"/api/v1/refunds/{case_id}/guest-token", key=ground.one.key("refunds:write"), json={})
    return str(given.json()["token"])


def _ours(ground: Ground) -> dict[str, str]:
    """What is there to be named in a path."""
    case = ground.one.waiting_case()
    return {"case_id": str(case.id), "number": case.order}


def _schema(url: str) -> Any:
    import schemathesis

    return schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json", headers={"Accept": "application/json"})


def _ask(schema: Any, line: _Line, *, examples: int, only: tuple[str, ...] = ()) -> Heard:
    from schemathesis import GenerationMode

    heard = Heard()
    for result in schema.get_all_operations():
        operation = result.ok()
        if only and operation.definition.raw["operationId"] not in only:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _send_all(operation.as_strategy(generation_mode=mode), examples, heard, line)
    line.session.close()
    return heard


def _send_all(cases: st.SearchStrategy[Any], examples: int, heard: Heard, line: _Line) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def send(case: Any) -> None:
        _send(case, heard, line)

    send()


def _send(case: Any, heard: Heard, line: _Line) -> None:
    for name, value in (case.path_parameters or {}).items():
        if name in line.ours and zlib.crc32(str(value).encode()) % 3:  # the others are of nobody
            case.path_parameters[name] = line.ours[name]
    _judge(case, case.call(base_url=line.url, session=line.session, headers=line.headers()), heard)


def _judge(case: Any, answer: Any, heard: Heard) -> None:
    """Whether the document knows an answer like that."""
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    heard.count += 1
    heard.followed += answer.status_code < 300 and "{" in case.path
    heard.statuses[answer.status_code] = heard.statuses.get(answer.status_code, 0) + 1
    here = f"{case.method} {case.path}"
    if answer.status_code >= 500:
        heard.wrong.append(f"{here}: {answer.status_code} {answer.text[:200]}")
    held = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]
    try:
        case.validate_response(answer, checks=held)
    except FailureGroup as found:
        heard.wrong.extend(f"{here}: {str(failure)[:400]}" for failure in found.exceptions)


class _Line:
    """From an address that nobody else uses, with one key or none."""

    def __init__(self, url: str, secret: str, ours: dict[str, str]) -> None:
        self.url, self.ours = url, ours
        self._secret = secret
        self.session = requests.Session()
        self.session.mount("http://", _From(SOURCE))

    def headers(self) -> dict[str, str]:
        told = {"Idempotency-Key": uuid4().hex}
        return {**told, "Authorization": f"Bearer {self._secret}"} if self._secret else told
