"""Requests of every kind that can happen, and merchants of every temper, for the properties."""

from __future__ import annotations

import functools
from datetime import timedelta

from hypothesis import strategies as st

from recoup.refunds import policy
from recoup.refunds.policy import (
    Channel,
    EvidenceFacts,
    Facts,
    GoodsState,
    LineFacts,
    LineKind,
    OrderFacts,
    OrderStatus,
    Reason,
    ShopperFacts,
)
from recoup.refunds.policy.schema import KNOWN_FLAGS
from tests.policy.builders import NOON, a_document, strict_policy, table_of

amounts = st.integers(min_value=0, max_value=200_000)


@st.composite
def lines(draw: st.DrawFn, line_id: str) -> LineFacts:
    ordered = draw(st.integers(0, 6))
    refunded = draw(st.integers(0, ordered))
    requested = draw(st.integers(0, 8))
    payable = max(0, min(requested, ordered - refunded))
    goods = draw(amounts) if payable else 0
    return LineFacts(
        line_id=line_id,
        sku=f"SKU-{line_id}",
        title=f"Article {line_id}",
        category=draw(st.sampled_from(["", "home", "phones", "clothing"])),
        kind=draw(st.sampled_from([LineKind.GOODS] * 6 + list(LineKind))),
        quantity_ordered=ordered,
        quantity_requested=requested,
        quantity_already_refunded=refunded,
        flags=tuple(sorted(draw(st.sets(st.sampled_from(KNOWN_FLAGS), max_size=2)))),
        goods_minor=goods,
        discount_minor=-draw(st.integers(0, goods)),
        tax_minor=draw(st.integers(0, goods // 5 + 1)) if payable else 0,
        fee_minor=draw(st.sampled_from([0, 0, 150])) if payable else 0,
    )


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    placed = NOON - timedelta(days=draw(st.integers(0, 900)), minutes=draw(st.integers(0, 1439)))
    status = draw(st.sampled_from([OrderStatus.DELIVERED] * 5 + list(OrderStatus)))
    delivered = placed + timedelta(days=draw(st.integers(0, 9)))
    is_known = status is OrderStatus.DELIVERED and draw(st.booleans())
    return OrderFacts(
        number="R-1",
        placed_at=placed,
        shipped_at=draw(st.sampled_from([None, placed])),
        delivered_at=min(delivered, NOON) if is_known else None,
        status=status,
        channel=draw(st.sampled_from(Channel)),
        paid_minor=draw(st.none() | st.integers(0, 400_000)),
    )


@st.composite
def requests(draw: st.DrawFn) -> Facts:
    count = draw(st.integers(0, 3))
    shipping = draw(st.integers(0, 3_000))
    return Facts(
        requested_at=NOON,
        currency=draw(st.sampled_from(["SGD", "GBP", "EUR", "JPY", "BHD"])),
        country=draw(st.sampled_from(["SG", "GB", "DE", "FR", "US", None])),
        order=draw(orders()),
        lines=tuple(draw(lines(str(number))) for number in range(count)),
        reason=draw(st.sampled_from(Reason)),
        has_reason_text=draw(st.booleans()),
        completes_full_order=draw(st.booleans()),
        shipping_minor=shipping,
        shipping_tax_minor=draw(st.integers(0, shipping // 4 + 1)) if shipping else 0,
        shipping_standard_minor=draw(st.none() | st.integers(0, 3_000)),
        goods_state=draw(st.sampled_from(GoodsState)),
        evidence=EvidenceFacts(
            photo_count=draw(st.integers(0, 3)), photos_seen_before=draw(st.sampled_from([0, 0, 0, 1]))
        ),
        shopper=draw(
            st.builds(
                ShopperFacts,
                account_age_days=st.none() | st.integers(0, 900),
                cases_last_day=st.integers(0, 9),
                cases_last_30_days=st.integers(0, 20),
                orders_count=st.integers(0, 20),
                orders_refunded_count=st.integers(0, 20),
                cases_rejected_count=st.integers(0, 5),
                contact_differs_from_order=st.booleans(),
            )
        ),
    )


@functools.cache
def merchants() -> tuple[policy.Policy, ...]:
    """The default, one that refuses everything, one that keeps everything, one that takes everything back."""
    greedy = a_document(version="greedy", title="Keeps everything it can")
    table_of(greedy, "fees")["rules"] = [
        {"_id": "all", "a-restocking_basis_points": "10000", "a-return_shipping_minor": "900", "a-delivery": '"none"'}
    ]
    generous = a_document(version="generous", title="Takes everything back")
    table_of(generous, "eligibility")["rules"] = [{"_id": "all", "a-answer": '"accept"'}]
    table_of(generous, "window")["rules"] = [{"_id": "all", "a-days": "3650"}]
    table_of(generous, "thresholds")["rules"] = [{"_id": "all", "a-ask": '"nothing"'}]
    table_of(generous, "evidence")["rules"] = [{"_id": "all", "a-photos": "0"}]
    table_of(generous, "fees")["rules"] = [{"_id": "all", "a-restocking_basis_points": "0", "a-delivery": '"full"'}]
    return policy.default_policy(), strict_policy(), policy.read_policy(greedy), policy.read_policy(generous)


policies = st.sampled_from(range(4)).map(lambda number: merchants()[number])
