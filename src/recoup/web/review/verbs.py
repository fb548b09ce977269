"""What a reviewer can do in which state, and what the shopper is told by it."""

from __future__ import annotations

from recoup.refunds.states import MOVES, CaseState
from recoup.web.review.view_models import Verb

APPROVE = Verb(
    code="approve",
    words="Approve",
    question="What do you approve?",
    button="Approve and tell the shopper",
    told="They read: approved, with the amount; then that it was sent.",
)
REJECT = Verb(
    code="reject",
    words="Reject",
    question="Why can this not be approved?",
    button="Reject and tell the shopper",
    told="They read your reason, and are asked why they disagree.",
    weight="grave",
)
ASK_EVIDENCE = Verb(
    code="ask-evidence",
    words="Ask for evidence",
    question="What should they show or tell you?",
    button="Ask the shopper",
    told="They read your question and can answer with photos and words.",
    weight="second",
)
ASK_GOODS = Verb(
    code="ask-goods",
    words="Ask for the goods back",
    question="How should they send the goods back?",
    button="Ask for the goods",
    told="They read that the goods are needed first, and how to send them.",
    weight="second",
)
GRADE_GOODS = Verb(
    code="grade-goods",
    words="Goods have come back",
    question="In what condition are the goods?",
    button="Record it and tell the shopper",
    told="They read that the goods arrived; good goods are approved at once.",
    weight="second",
)
ALL = {verb.code: verb for verb in (APPROVE, REJECT, ASK_EVIDENCE, ASK_GOODS, GRADE_GOODS)}

_DECIDABLE = frozenset(
    {CaseState.IN_REVIEW, CaseState.NEEDS_EVIDENCE, CaseState.AWAITING_RETURN, CaseState.VERIFYING_ORDER}
)


def allowed(state: CaseState, *, goods_awaited: bool, has_order: bool = True) -> tuple[Verb, ...]:
    """The verbs that the case's moves allow now, the usual ones first. Nothing is approved without an order."""
    if state not in _DECIDABLE:
        return ()
    moves = MOVES[state]
    offered = (
        (GRADE_GOODS, goods_awaited),
        (APPROVE, has_order and CaseState.APPROVED in moves),
        (REJECT, CaseState.REJECTED in moves),
        (ASK_EVIDENCE, CaseState.NEEDS_EVIDENCE in moves),
        (ASK_GOODS, has_order and CaseState.AWAITING_RETURN in moves),
    )
    return tuple(verb for verb, is_allowed in offered if is_allowed)
