"""Sending the texts about accounts: intent (the lease), gateway, answer. Neither numbers nor words are logged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import orjson
import structlog

from recoup.access import sealing
from recoup.notifications import actions
from recoup.notifications.actions import Outbox, TakenSealed, Tried
from recoup.notifications.gateways import text_gateways

#: Each may take up to `text_gateways.WHOLE_S_MAX` seconds, and all of them together stay below the lease.
BATCH = 6
LEASE_S = 90

log = structlog.get_logger(__name__)


def deliver(*, at: datetime) -> int:
    """Up to a batch of due texts has been offered to the gateway once; how many."""
    taken = actions.take_sealed(outbox=Outbox.TEXTS, limit=BATCH, lease_s=LEASE_S, at=at)
    if not taken:
        return 0
    tried = list(_deliver(taken))
    actions.note_sealed(outbox=Outbox.TEXTS, tried=tried, at=at)
    problems = sorted({one.problem for one in tried if one.problem})
    log.info("texts", sent=sum(not one.problem for one in tried), problems=problems)
    return len(taken) if not problems else 0


def _deliver(taken: Sequence[TakenSealed]) -> Iterator[Tried]:
    for one in taken:
        told = orjson.loads(sealing.open_ours(one.facts_sealed))
        outcome = text_gateways.send(to=told["to"], words=told["text"], ref=str(one.id))
        yield Tried(
            id=one.id,
            fence=one.fence,
            problem=outcome.problem,
            is_final=outcome.is_final,
            is_its_fault=not outcome.is_away,
        )
