"""Sending what waits: intent (the lease), gateway (the mail server), answer. Each step is safe to repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from recoup.notifications import actions, rendering
from recoup.notifications.actions import Delivery, TakenMessage
from recoup.notifications.gateways import post_office
from recoup.notifications.gateways.post_office import Letter, Outcome

BATCH = 50
LEASE_S = 90
#: Well below the lease, so that nobody else takes a message while it is being sent.
SENDING_S_MAX = 30.0

log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Up to a batch of due messages has been offered to the mail server once, through one connection; how many."""
    taken = actions.take_messages(limit=BATCH, lease_s=LEASE_S)
    if not taken:
        return 0
    deliveries = list(_deliver(taken))
    actions.note_deliveries(deliveries=deliveries, at=at)
    problems = sorted({delivery.problem for delivery in deliveries if delivery.problem})
    log.info("messages", sent=sum(not delivery.problem for delivery in deliveries), problems=problems)
    return len(taken) if not problems else 0


def _deliver(taken: Sequence[TakenMessage]) -> Iterator[Delivery]:
    written: list[tuple[TakenMessage, Letter]] = []
    for message in taken:
        letter = _write(message)
        if letter is None:
            yield _note(message, Outcome(problem="cannot be written"))
        else:
            written.append((message, letter))
    outcomes = post_office.send([letter for _, letter in written], seconds_max=SENDING_S_MAX)
    for (message, letter), outcome in zip(written, outcomes, strict=True):
        yield _note(message, outcome, letter)


def _write(message: TakenMessage) -> Letter | None:
    """A message that cannot be rendered must not keep the others from being sent."""
    try:
        rendered = rendering.render(template=message.template, context=message.context, locale=message.locale)
    except Exception:
        log.exception("message_not_written", message_id=str(message.id), template=message.template)
        return None
    return Letter(
        ref=post_office.reference(message.id),
        to=message.to_address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        list_name="refunds",
        language=rendered.language,
    )


def _note(message: TakenMessage, outcome: Outcome, letter: Letter | None = None) -> Delivery:
    return Delivery(
        id=message.id,
        merchant_id=message.merchant_id,
        fence=message.fence,
        subject=letter.subject if letter else "",
        message_ref=letter.ref if letter else "",
        problem=outcome.problem,
        is_final=outcome.is_final,
        is_its_fault=not outcome.is_away,
    )
