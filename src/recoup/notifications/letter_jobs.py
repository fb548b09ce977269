"""Sending the letters about accounts: intent (the lease), gateway (the mail server), answer. As `jobs` for messages.

Nothing of what a letter says is logged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
import structlog

from recoup.access import sealing
from recoup.notifications import actions, letter_wording, rendering
from recoup.notifications.actions import Outbox, TakenSealed, Tried
from recoup.notifications.gateways import post_office
from recoup.notifications.gateways.post_office import Letter, Outcome

BATCH = 50
LEASE_S = 90
#: Well below the lease, so that nobody else takes a letter while it is being sent.
SENDING_S_MAX = 30.0

log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Up to a batch of due letters has been offered to the mail server once, through one connection; how many."""
    taken = actions.take_sealed(outbox=Outbox.LETTERS, limit=BATCH, lease_s=LEASE_S, at=at)
    if not taken:
        return 0
    tried = list(_deliver(taken))
    actions.note_sealed(outbox=Outbox.LETTERS, tried=tried, at=at)
    problems = sorted({one.problem for one in tried if one.problem})
    log.info("letters", sent=sum(not one.problem for one in tried), problems=problems)
    return len(taken) if not problems else 0


def written(letter: TakenSealed) -> Letter:
    """The letter as it leaves us."""
    facts: dict[str, str] = orjson.loads(sealing.open_ours(letter.facts_sealed))
    words = letter_wording.WORDS[letter.kind]
    paragraphs = words.paragraphs
    if letter.kind in letter_wording.CHANGES:
        paragraphs = (*paragraphs, letter_wording.IF_NOT_YOU)
    rendered = rendering.render(
        template="account_letter",
        context={
            "subject": words.subject.format_map(facts),
            "code": facts.get("code", ""),
            "paragraphs": [paragraph.format_map(facts) for paragraph in paragraphs],
            "button": facts.get("button", words.button) if facts.get("url") else "",
            "url": facts.get("url", ""),
        },
    )
    return Letter(
        ref=post_office.reference(letter.id),
        to=letter.to_address,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        list_name="accounts",
    )


def _deliver(taken: Sequence[TakenSealed]) -> Iterator[Tried]:
    ready: list[tuple[TakenSealed, Letter]] = []
    for one in taken:
        try:
            ready.append((one, written(one)))
        except Exception as problem:  # noqa: BLE001 - one that cannot be written keeps no other from being sent
            log.error("letter_not_written", letter_id=str(one.id), kind=one.kind, problem=type(problem).__name__)
            yield _tried(one, Outcome(problem="cannot be written"))
    outcomes = post_office.send([letter for _, letter in ready], seconds_max=SENDING_S_MAX)
    for (one, _), outcome in zip(ready, outcomes, strict=True):
        yield _tried(one, outcome)


def _tried(one: TakenSealed, outcome: Outcome) -> Tried:
    return Tried(
        id=one.id,
        fence=one.fence,
        problem=outcome.problem,
        is_final=outcome.is_final,
        is_its_fault=not outcome.is_away,
    )
