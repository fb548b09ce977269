"""Who hears what: the one page on which domain events are connected with what follows from them.

A handler is given the events of its kinds, oldest first and each exactly once, with `at`, inside the transaction that
also moves its place (recoup.events.hearing). So what it writes happens exactly once too. Money never moves from here.
"""

from __future__ import annotations

from dataclasses import dataclass

from recoup.callbacks import catalogue as callbacks
from recoup.insights import transactional as insights

#: Events that may change what a page of a case shows.
_OF_A_CASE = frozenset(
    """
    case.submitted case.verifying_order case.needs_evidence case.evidence_added case.awaiting_return case.goods_graded
    case.in_review case.half_approved case.approved case.partly_approved case.rejected case.appealed case.withdrawn
    case.expired case.initiated case.credited case.reopened case.closed
    payout.accepted payout.succeeded payout.failed payout.reversed payout.unknown payout.awaiting_funds payout.parked
    """.split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """`handler` is the dotted name of `handler(events, *, at)`; `name` is that of its place and never changes.

    `rest_s`: at least so long between two batches, so that what happens meanwhile is heard together.
    """

    name: str
    kinds: frozenset[str]
    handler: str
    rest_s: float = 0.3


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    # What the payouts of a case mean for the case: sent, closed, or a person's again.
    Subscription(
        name="cases",
        kinds=frozenset({"payout.accepted", "payout.succeeded", "payout.failed", "payout.reversed", "payout.parked"}),
        handler="recoup.refunds.transactional.follow_payouts",
    ),
    # What we say to the shopper about it.
    Subscription(
        name="messages",
        kinds=frozenset(
            """
            case.submitted case.needs_evidence case.awaiting_return case.in_review case.approved case.partly_approved
            case.rejected case.appealed case.withdrawn case.expired case.initiated case.credited case.reopened
            payout.failed payout.reversed
            """.split()
        ),
        handler="recoup.refunds.transactional.tell_shoppers",
        # A refund is usually decided and sent within this time: then there is one mail to write, not two.
        rest_s=1.0,
    ),
    # A case that takes two people's yes: the company's managers hear of the first one. Another role: who has it.
    Subscription(
        name="colleagues",
        kinds=frozenset({"case.half_approved", "member.role_changed"}),
        handler="recoup.notifications.colleagues.tell",
        rest_s=1.0,
    ),
    # What companies' own servers are told. Nothing but one look per batch for those without an endpoint.
    Subscription(
        name="callbacks",
        kinds=callbacks.EVENTS,
        handler="recoup.callbacks.transactional.tell_companies",
    ),
    # What comes back, how often and why. A report may be half a minute old; a batch costs little more than one event.
    Subscription(
        name="insights",
        kinds=insights.EVENTS,
        handler="recoup.insights.transactional.keep_claims",
        rest_s=15.0,
    ),
    # Open pages of a case fetch themselves again.
    Subscription(name="live", kinds=_OF_A_CASE, handler="recoup.events.live.ring_pages"),
)
