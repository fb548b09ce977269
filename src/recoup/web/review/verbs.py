"""What a reviewer can do in which state, and what the shopper is told by it."""

from __future__ import annotations

from recoup.payments.queries import PayoutOnItsWay
from recoup.refunds.states import MOVES, CaseState
from recoup.web.review.view_models import Verb

APPROVE = Verb(
    code="approve",
    words="Approve",
    question="What do you approve?",
    button="Approve and tell the shopper",
    told="They read: approved, with the amount; then that it was sent.",
    done="Approved. The money is being sent, and the shopper is told.",
)
REJECT = Verb(
    code="reject",
    words="Reject",
    question="Why can this not be approved?",
    button="Reject and tell the shopper",
    told="They read your reason, and are asked why they disagree.",
    done="Rejected. The shopper has been told why.",
    weight="grave",
)
ASK_EVIDENCE = Verb(
    code="ask-evidence",
    words="Ask for evidence",
    question="What should they show or tell you?",
    button="Ask the shopper",
    told="They read your question and can answer with photos and words.",
    done="Asked. The shopper has 14 days to answer.",
    weight="second",
)
ASK_GOODS = Verb(
    code="ask-goods",
    words="Ask for the goods back",
    question="How should they send the goods back?",
    button="Ask for the goods",
    told="They read that the goods are needed first, and how to send them.",
    done="Asked for the goods. The shopper has 30 days.",
    weight="second",
)
GRADE_GOODS = Verb(
    code="grade-goods",
    words="Goods have come back",
    question="In what condition are the goods?",
    button="Record it and tell the shopper",
    told="They read that the goods arrived; good goods are approved at once.",
    done="The goods are recorded.",
    weight="second",
)
RETRY = Verb(
    code="retry",
    words="Try again",
    question="Try this payment again?",
    button="Try again",
    told="They read that the money was sent, once it was.",
    done="The payment is being tried again.",
)
CALL_OFF = Verb(
    code="call-off",
    words="Call it off",
    question="Why is this payment called off?",
    button="Call off and tell the shopper",
    told="They read your reason, and are asked why they disagree.",
    done="Called off. The shopper has been told.",
    weight="grave",
)
LOOK_AGAIN = Verb(
    code="look-again",
    words="Ask the provider again",
    question="Ask the provider what became of it?",
    button="Ask the provider",
    told="Nothing is sent before the provider has said that it was not sent yet.",
    done="The provider is being asked. This page shows its answer.",
)
OF_A_CASE = {verb.code: verb for verb in (APPROVE, REJECT, ASK_EVIDENCE, ASK_GOODS, GRADE_GOODS)}
OF_A_PAYMENT = {verb.code: verb for verb in (RETRY, CALL_OFF, LOOK_AGAIN)}
ALL = OF_A_CASE | OF_A_PAYMENT

#: Verb -> the action that the authorizer is asked for.
ASKS_FOR = {
    APPROVE.code: "cases:approve",
    REJECT.code: "cases:reject",
    ASK_EVIDENCE.code: "cases:ask-evidence",
    ASK_GOODS.code: "cases:ask-goods",
    GRADE_GOODS.code: "cases:grade-goods",
    RETRY.code: "payouts:retry",
    CALL_OFF.code: "payouts:call-off",
    LOOK_AGAIN.code: "payouts:look-up",
}

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


def allowed_on_payment(payout: PayoutOnItsWay, *, state: CaseState) -> tuple[Verb, ...]:
    """What can be decided about one payment: only what nothing happens to by itself, once the case is a person's."""
    if not payout.needs_person or state is not CaseState.IN_REVIEW:
        return ()
    return (LOOK_AGAIN,) if payout.is_parked else (RETRY, CALL_OFF)
