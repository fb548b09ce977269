"""Judging a case again when something has changed: the order came, a photo was added, the goods are back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from recoup.events import transactional as events
from recoup.kernel import ids
from recoup.refunds import claims as claiming
from recoup.refunds import dossier as dossiers
from recoup.refunds import judging, settling
from recoup.refunds.claims import LineClaim
from recoup.refunds.dossier import Dossier
from recoup.refunds.models import Case, Photo
from recoup.refunds.policy import OrderStatus

_LINES = """
INSERT INTO refunds_caseline AS c
       (id, merchant_id, case_id, order_line_id, quantity, amount_requested_minor, amount_minor)
SELECT w.id, %s, %s, w.line_id, w.quantity, w.amount_minor, 0
  FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::bigint[]) AS w (id, line_id, quantity, amount_minor)
    ON CONFLICT (case_id, order_line_id) DO UPDATE
       SET quantity = excluded.quantity, amount_requested_minor = excluded.amount_requested_minor WHERE isempty(c.units)
"""


def rejudge(case: Case, *, at: datetime, order_answer: OrderStatus = OrderStatus.NOT_FOUND) -> None:
    """The locked case has the state, decision and money that its facts of now give. Saves the case.

    A verdict of the same waiting state (still evidence, say) keeps the state and renews nothing but the decision.
    """
    dossier = dossiers.read(merchant_id=case.merchant_id, order_number=case.order_number, at=at, but=case.id)
    claims = prepare_lines(case, dossier)
    photos = Photo.objects.filter(case=case)
    hearing = judging.hear(
        case,
        dossier,
        claims,
        order_answer=order_answer,
        photo_count=photos.count(),
        photos_seen_before=photos.filter(seen_before__gt=0).count(),
    )
    was = case.state
    settling.write_down(case, hearing.verdict, at=at)
    case.amount_requested_minor = hearing.facts.amount_requested_minor
    case.keep()
    happened = judging.settle_first(case, dossier, claims, hearing, at=at)
    if case.state != was:
        events.record(happened)


def prepare_lines(case: Case, dossier: Dossier) -> list[LineClaim]:
    """The case's claims on the order's lines as they stand now; its line rows exist afterwards."""
    if dossier.order is None:
        return []
    case.order_id = dossier.order.id
    case.email = case.email or dossier.order.email
    case.country = case.country or dossier.order.country
    try:
        claims = claiming.claims_of(dossier, judging.wanted_items(case))
    except claiming.NoSuchLine:
        return []
    _write_lines(case, claims)
    return claims


def _write_lines(case: Case, claims: Sequence[LineClaim]) -> None:
    """What is asked for, line by line. A line that holds units keeps what was written when they were granted."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES,
            [
                case.merchant_id,
                case.id,
                [ids.uuid7() for _ in claims],
                [claim.line.id for claim in claims],
                [claim.quantity for claim in claims],
                [worth_of(claim) for claim in claims],
            ],
        )


def worth_of(claim: LineClaim) -> int:
    """What the free units of the claim cost the shopper, in minor units."""
    line = claim.line
    return sum(claim.share(part) for part in (line.list_minor, line.discount_minor, line.tax_minor, line.fee_minor))
