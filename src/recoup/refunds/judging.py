"""Hearing a case: gathering its facts, asking the policy, and settling what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recoup.events.transactional import Happening
from recoup.refunds import claims as claiming
from recoup.refunds import settling
from recoup.refunds.claims import Asked, LineClaim
from recoup.refunds.dossier import Dossier
from recoup.refunds.models import Case
from recoup.refunds.policies import policy_of
from recoup.refunds.policy import Facts, OrderStatus, Outcome, Reason, Verdict, current_floors, decide
from recoup.refunds.policy import GoodsState as GoodsFact
from recoup.refunds.requests import WantedItem
from recoup.refunds.states import GoodsState

#: What the policy is told about the goods, by where they are.
_GOODS_FACT: dict[str, GoodsFact] = {
    GoodsState.NOT_REQUIRED: GoodsFact.NOT_ASKED,
    GoodsState.AWAITING: GoodsFact.AWAITED,
    GoodsState.IN_TRANSIT: GoodsFact.AWAITED,
    GoodsState.AT_BOOTH: GoodsFact.AWAITED,
    GoodsState.RECEIVED: GoodsFact.RECEIVED_OK,
    GoodsState.GRADED_OK: GoodsFact.RECEIVED_OK,
    GoodsState.GRADED_DAMAGED: GoodsFact.RECEIVED_DAMAGED,
    GoodsState.GRADED_WRONG: GoodsFact.RECEIVED_WRONG,
    GoodsState.GRADED_MISSING: GoodsFact.RECEIVED_INCOMPLETE,
    GoodsState.LOST: GoodsFact.LOST_ON_THE_WAY,
    GoodsState.EXPIRED: GoodsFact.AWAITED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """The facts and what the policy said to them."""

    facts: Facts
    verdict: Verdict
    policy_version_id: UUID | None

    @property
    def amounts(self) -> list[int]:
        """What was asked for, line by line."""
        return [line.amount_minor for line in self.facts.lines]


def hear(
    case: Case,
    dossier: Dossier,
    claims: Sequence[LineClaim],
    *,
    order_answer: OrderStatus,
    photo_count: int,
    photos_seen_before: int = 0,
) -> Hearing:
    """The verdict of the merchant's policy of today (and the law) on the case as it stands. Changes nothing."""
    order_email = dossier.order.email if dossier.order else ""
    asked = Asked(
        reason=Reason(case.reason),
        has_words=bool(case.words.strip()),
        requested_at=case.judged_as_of or case.requested_at,
        photo_count=photo_count,
        photos_seen_before=photos_seen_before,
        goods_state=_GOODS_FACT[case.goods_state],
        contact_differs=bool(order_email and case.email and order_email.lower() != case.email.lower()),
        country=case.country,
    )
    facts = claiming.facts_of(dossier, claims, asked, order_answer=order_answer)
    policy = policy_of(merchant_id=case.merchant_id, version_id=dossier.policy_version_id)
    return Hearing(
        facts=facts,
        verdict=decide(facts=facts, policy=policy, floors=current_floors()),
        policy_version_id=dossier.policy_version_id,
    )


def decided(case: Case, hearing: Hearing, *, at: datetime) -> settling.Decided:
    """The hearing as it is kept."""
    return settling.Decided(
        case=case,
        facts=hearing.facts,
        verdict=hearing.verdict,
        by="policy",
        policy_version_id=hearing.policy_version_id,
        at=at,
    )


def settle_first(
    case: Case, dossier: Dossier, claims: Sequence[LineClaim], hearing: Hearing, *, at: datetime
) -> list[Happening]:
    """The verdict on a case just written is kept and made true. Gives the event of its state."""
    settling.keep_decisions([decided(case, hearing, at=at)])
    if hearing.verdict.grants:
        settling.reserve(
            case,
            dossier,
            settling.granted_lines(claims, hearing.verdict),
            amount_minor=case.amount_minor,
            delivery_minor=case.shipping_granted_minor,
            at=at,
        )
    return [settling.of_state(case, by="policy", at=at)]


def wanted_items(case: Case) -> list[WantedItem]:
    """What the case asked for, as it was stored."""
    return [
        WantedItem(
            quantity=item["quantity"],
            line_id=UUID(item["line_id"]) if "line_id" in item else None,
            position=item.get("position"),
            sku=item.get("sku"),
            unit_price_minor=item.get("unit_price_minor"),
        )
        for item in case.items
    ]


def answer_for(channel: str, answer: OrderStatus) -> OrderStatus:
    """What "no such order" means at a door. A company's own system knows its numbers; a shopper mistypes, and is looked
    after by a person instead of being turned away.
    """
    is_mistaken = answer is OrderStatus.NOT_FOUND and channel != "api"
    return OrderStatus.UNKNOWN if is_mistaken else answer


def is_final(verdict: Verdict) -> bool:
    """True when the verdict answers the shopper: money or a reasoned no."""
    return verdict.grants or verdict.outcome is Outcome.REJECT
