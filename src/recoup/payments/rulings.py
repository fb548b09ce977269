"""What an answer of a rail means for a payout: pure rules, no database. `actions.apply_answers` carries them out.

Only an answer that carries the payout's fence and epoch may move it. Any other was brought by somebody whose lease had
ended: what it says about money is checked by a look-up or by a person, and never applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from recoup.payments.states import AnswerOutcome, PayoutState

MINUTE, HOUR, DAY = 60, 3600, 86_400
#: Seconds until the rail is asked again, by how often it has said the same; the last one repeats (PROOFS 3).
SCHEDULES: dict[AnswerOutcome, tuple[int, ...]] = {
    AnswerOutcome.UNKNOWN: (10, 30, 2 * MINUTE, 5 * MINUTE, HOUR, DAY),
    AnswerOutcome.THROTTLED: (1, 2, 4, 8, 15, 30, MINUTE),
    AnswerOutcome.PENDING: (10, 30, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR),
    AnswerOutcome.NO_FUNDS: (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR),
    # A success can still come back, and the message that says so can be lost: it is read again, then left alone.
    AnswerOutcome.SUCCEEDED: (DAY, 7 * DAY, 30 * DAY),
}
#: So many unknown answers in one attempt, and a person has to look.
UNKNOWN_MAX = 10
#: So many refusals to serve us in one attempt (some five minutes of them), and it is told that somebody should look.
LATE = 10
#: Codes of the vault's own that only a person can resolve.
FOR_A_PERSON = frozenset({"paid_twice", "no_answer_after_many_tries"})

_OPEN = frozenset({PayoutState.SUBMITTING, PayoutState.UNKNOWN})
ACCEPTED = frozenset({PayoutState.PROVIDER_PENDING, PayoutState.SUCCEEDED})
#: States in which the vault asks the rail.
ASKED = _OPEN | ACCEPTED | {PayoutState.QUEUED, PayoutState.AWAITING_MERCHANT_FUNDS}
_TELLS_OF_MONEY = frozenset({AnswerOutcome.PENDING, AnswerOutcome.SUCCEEDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The payout as we hold it."""

    id: UUID
    merchant_id: UUID
    case_id: UUID
    capture_id: UUID
    rail_account_id: UUID
    state: PayoutState
    epoch: int
    fence: int
    amount_minor: int
    currency: str
    provider_refund_id: str | None
    failure_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The answer. `said_before` counts earlier answers of this attempt with the same outcome (of all attempts for want
    of funds, where each refusal begins another); `is_taken`: the refund it names belongs to another payout of ours.
    """

    id: int
    fence: int
    epoch: int
    outcome: AnswerOutcome
    said_before: int
    is_taken: bool
    provider_refund_id: str | None = None
    provider_reference: str | None = None
    failure_code: str | None = None
    amount_minor: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What is to be done. `delay_s` until the rail is asked again (None: never by itself); `is_fresh` ends a lease."""

    state: PayoutState
    is_fresh: bool
    delay_s: int | None = None
    look_up: bool = False
    next_epoch: bool = False
    is_paid: bool = False
    is_returned: bool = False
    park: str | None = None
    failure_code: str | None = None
    provider_refund_id: str | None = None
    provider_reference: str | None = None
    events: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=())


def rule(held: Held, heard: Heard) -> Ruling:
    """The ruling on one answer. It moves the payout along `states.MOVES` or leaves it where it is."""
    if heard.is_taken:
        return _park(held, heard, "refund_belongs_to_another_payout")
    if heard.fence != held.fence or heard.epoch != held.epoch or held.state not in _OPEN | ACCEPTED:
        return _rule_on_stale(held, heard)
    if heard.failure_code in FOR_A_PERSON:
        return _park(held, heard, str(heard.failure_code))
    if heard.amount_minor is not None and (heard.amount_minor, heard.currency) != (held.amount_minor, held.currency):
        return _park(held, heard, "provider_amount_differs")
    match heard.outcome:
        case AnswerOutcome.PENDING | AnswerOutcome.SUCCEEDED:
            return _rule_on_money(held, heard)
        case AnswerOutcome.FAILED | AnswerOutcome.REJECTED:
            return _rule_on_failure(held, heard)
        case AnswerOutcome.NO_FUNDS:
            return _rule_on_funds(held, heard)
        case AnswerOutcome.NOT_FOUND:
            return _rule_on_absence(held, heard)
        case _:
            return _rule_on_silence(held, heard)


def _rule_on_stale(held: Held, heard: Heard) -> Ruling:
    """Nothing is applied. Money it tells of is looked up, or handed to a person where nobody looks any more."""
    unmoved = Ruling(state=held.state, is_fresh=False, failure_code=held.failure_code)
    is_known = heard.provider_refund_id is not None and heard.provider_refund_id == held.provider_refund_id
    if heard.outcome not in _TELLS_OF_MONEY or (is_known and held.state is not PayoutState.CANCELED):
        return unmoved
    if heard.epoch != held.epoch or held.state not in ASKED:
        return _park(held, heard, "money_told_by_a_stale_answer", is_fresh=False)
    return Ruling(state=held.state, is_fresh=False, look_up=True, failure_code=held.failure_code)


def _rule_on_money(held: Held, heard: Heard) -> Ruling:
    """Accepted: the provider has taken the money out, whether or not the shopper has it yet."""
    is_new = held.state not in ACCEPTED
    state = held.state
    if heard.outcome is AnswerOutcome.SUCCEEDED:
        state = PayoutState.SUCCEEDED
    elif is_new:
        state = PayoutState.PROVIDER_PENDING
    facts = {"provider_refund_id": heard.provider_refund_id}
    events: list[tuple[str, Mapping[str, Any]]] = [("payout.accepted", facts)] if is_new else []
    if state is PayoutState.SUCCEEDED and held.state is not PayoutState.SUCCEEDED:
        events.append(("payout.succeeded", facts))
    return Ruling(
        state=state,
        is_fresh=True,
        delay_s=_delay_s(heard),
        is_paid=is_new,
        provider_refund_id=heard.provider_refund_id,
        provider_reference=heard.provider_reference,
        events=tuple(events),
    )


def _rule_on_failure(held: Held, heard: Heard) -> Ruling:
    """A failure after acceptance brings the money back. It stays reserved until a person decides what comes next."""
    was_accepted = held.state in ACCEPTED
    is_reversal = held.state is PayoutState.SUCCEEDED
    kind = "payout.reversed" if is_reversal else "payout.failed"
    return Ruling(
        state=PayoutState.REVERSED if is_reversal else PayoutState.FAILED,
        is_fresh=True,
        is_returned=was_accepted,
        failure_code=heard.failure_code or "failed",
        provider_refund_id=heard.provider_refund_id,
        provider_reference=heard.provider_reference,
        events=((kind, {"failure_code": heard.failure_code, "provider_refund_id": heard.provider_refund_id}),),
    )


def _rule_on_funds(held: Held, heard: Heard) -> Ruling:
    """The merchant's balance is too low. A refund that waits at the provider is watched; a refusal is a new attempt."""
    if held.state in ACCEPTED:
        return Ruling(state=held.state, is_fresh=True, delay_s=_delay_s(heard))
    code = "insufficient_funds"
    is_news = held.failure_code != code
    return Ruling(
        state=PayoutState.AWAITING_MERCHANT_FUNDS,
        is_fresh=True,
        delay_s=_delay_s(heard),
        next_epoch=heard.provider_refund_id is None,
        failure_code=code,
        provider_refund_id=heard.provider_refund_id,
        events=(("payout.awaiting_funds", {}),) if is_news else (),
    )


def _rule_on_absence(held: Held, heard: Heard) -> Ruling:
    """The rail has nothing of ours, so sending is safe, under the same key. A refund it once had cannot be absent."""
    if held.state in ACCEPTED:
        return _park(held, heard, "refund_vanished")
    return Ruling(state=PayoutState.QUEUED, is_fresh=True, delay_s=0, failure_code=held.failure_code)


def _rule_on_silence(held: Held, heard: Heard) -> Ruling:
    """Unknown is looked up on a schedule; throttled is sent again later. What was accepted stays as it is."""
    delay_s = _delay_s(heard)
    if held.state in ACCEPTED:
        return Ruling(state=held.state, is_fresh=True, delay_s=delay_s, failure_code=held.failure_code)
    if heard.outcome is AnswerOutcome.THROTTLED:
        return Ruling(
            state=PayoutState.QUEUED,
            is_fresh=True,
            delay_s=delay_s,
            failure_code=heard.failure_code,
            events=(("payout.delayed", {"failure_code": heard.failure_code}),) if heard.said_before == LATE else (),
        )
    if heard.said_before + 1 >= UNKNOWN_MAX:
        return _park(held, heard, "unknown_for_too_long")
    is_news = heard.said_before == 0
    return Ruling(
        state=PayoutState.UNKNOWN,
        is_fresh=True,
        delay_s=delay_s,
        failure_code=heard.failure_code,
        events=(("payout.unknown", {"failure_code": heard.failure_code}),) if is_news else (),
    )


def _park(held: Held, heard: Heard, reason: str, *, is_fresh: bool = True) -> Ruling:
    """Nothing moves until a person has looked. Nobody knows where the money is, so an open payout is unknown."""
    state = PayoutState.UNKNOWN if is_fresh and held.state is PayoutState.SUBMITTING else held.state
    return Ruling(
        state=state,
        is_fresh=is_fresh and held.fence == heard.fence,
        park=reason,
        failure_code=reason,
        events=(("payout.parked", {"reason": reason, "provider_refund_id": heard.provider_refund_id}),),
    )


def _delay_s(heard: Heard) -> int | None:
    steps = SCHEDULES[heard.outcome]
    if heard.outcome is AnswerOutcome.SUCCEEDED:
        return steps[heard.said_before] if heard.said_before < len(steps) else None
    return steps[min(heard.said_before, len(steps) - 1)]
