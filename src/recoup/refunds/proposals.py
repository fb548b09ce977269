"""What exactly a yes is said to: the amounts line by line, where the money goes, and the case as it was then.

Two people have approved the same thing when the digests are the same. Whatever changes in between, be it an amount, a
destination, or that the shopper showed more, makes another proposal, and what was said to the old one counts no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.kernel.errors import Invalid
from recoup.payments import transactional as payments
from recoup.refunds.dossier import Dossier
from recoup.refunds.granting import Approval
from recoup.refunds.models import Case
from recoup.refunds.requests import LineGrant

#: Events that say nothing new about a case to somebody who decides it.
HALF_APPROVED = "case.half_approved"
#: Why a wish cannot be fulfilled any more.
CANNOT_BE = (Invalid, payments.OverRefund)
_NO_NEWS = (HALF_APPROVED, "case.late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A yes as it was typed. `lines` None: everything that was asked for."""

    lines: Sequence[LineGrant] | None = None
    with_delivery: bool = False
    with_kept_back: bool = False

    def plain(self) -> dict[str, Any]:
        lines: list[Any] | None = None
        if self.lines is not None:
            named = sorted(self.lines, key=lambda one: str(one.line_id))
            lines = [[str(one.line_id), one.quantity, one.amount_minor] for one in named]
        return {"lines": lines, "with_delivery": self.with_delivery, "with_kept_back": self.with_kept_back}

    @property
    def digest(self) -> str:
        return _digest(self.plain())


def wish_from(plain: Mapping[str, Any]) -> Wish:
    """The wish that `plain` told."""
    lines = plain["lines"]
    grants = [LineGrant(line_id=UUID(one), quantity=many, amount_minor=minor) for one, many, minor in lines or ()]
    return Wish(
        lines=None if lines is None else grants,
        with_delivery=plain["with_delivery"],
        with_kept_back=plain["with_kept_back"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`pays`: what the shopper will have and gets now; `goes_to`: which capture gives how much back; `seen`: the last
    event of the case.
    """

    pays: dict[str, Any]
    goes_to: list[dict[str, Any]]
    seen: int

    @property
    def digest(self) -> str:
        return _digest({"pays": self.pays, "goes_to": self.goes_to, "seen": self.seen})


def proposal(case: Case, dossier: Dossier, approval: Approval) -> Proposal:
    """The proposal that this approval of the case is. Raises OverRefund when the captures do not hold the money."""
    legs = payments.plan(amount_minor=approval.new_minor, sources=dossier.sources, strategy=dossier.tender_strategy)
    return Proposal(
        pays={
            "currency": approval.currency,
            "before_minor": approval.before_minor,
            "new_minor": approval.new_minor,
            "delivery_minor": approval.delivery_minor,
            "kept_minor": approval.kept_minor,
            "lines": [
                {"title": line.title, "asked": line.asked, "quantity": line.quantity, "amount_minor": line.amount_minor}
                for line in approval.lines
            ],
            "added": sorted([str(line.claim.line.id), line.amount_minor] for line in approval.added),
        },
        goes_to=[
            {
                "capture_id": str(source.capture_id),
                "rail_account_id": str(source.rail_account_id),
                "charge": source.provider_charge_id,
                "amount_minor": amount_minor,
            }
            for source, amount_minor in legs
        ],
        seen=_last_news(case),
    )


def _last_news(case: Case) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0) FROM events_event WHERE subject_id = %s AND kind <> ALL(%s)",
            [case.id, list(_NO_NEWS)],
        )
        return int(cursor.fetchone()[0])


def _digest(told: Any) -> str:
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
