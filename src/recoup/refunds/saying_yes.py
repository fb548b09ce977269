"""A yes, weighed: against the limits, against what was approved lately, and together with what others have said.

All of it where the case, its order and the shopper's other approvals are locked, so that of two who approve at once the
second one sees the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from recoup.kernel import ids
from recoup.kernel.errors import Refusal
from recoup.merchants import queries as merchants
from recoup.merchants.queries import Limits
from recoup.refunds import approvers, four_eyes, proposals
from recoup.refunds.approvers import Approver
from recoup.refunds.dossier import Dossier, DossierOrder
from recoup.refunds.four_eyes import Ruling, Why, Yes
from recoup.refunds.granting import Approval as Amounts
from recoup.refunds.models import Approval, Case, Decision
from recoup.refunds.proposals import Proposal, Wish
from recoup.refunds.settling import AlreadyRefunded
from recoup.refunds.states import MOVES, CaseState

#: What was approved for one order or one shopper within this time is added up.
ADDED_UP = timedelta(days=1)
#: What a case waits for when somebody has said yes, and it takes another one.
SECOND_PERSON = "second_person"


class SamePerson(Refusal):
    """The first yes came from the same human, by another account."""

    code = "same_person"
    status = 403
    title = "You have said yes to this already, by another account; a second person has to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A yes and what it comes to. `others` waited for it: their rows, still good. `stake_minor` None: not comparable
    with the limits, because it is in another currency.
    """

    approver: Approver
    proposal: Proposal
    ruling: Ruling
    stake_minor: int | None
    order_id: UUID
    shopper: bytes
    others: tuple[Approval, ...]
    limit_of: dict[str, int | None]


def weigh(
    case: Case, dossier: Dossier, amounts: Amounts, *, by: str, by_email: str = "", at: datetime, lock: bool
) -> Weighed:
    """What this actor's yes to these amounts would come to now; `lock` when it is about to be said.

    Raises MayNotApprove, NotYourOwn, SamePerson, OverRefund.
    """
    order = _order_of(dossier)
    about = proposals.proposal(case, dossier, amounts)
    emails = [order.email, case.email]
    shopper = approvers.digest_of(emails, merchant_id=case.merchant_id)
    if lock:
        _lock_shopper(case, shopper)
    limits = merchants.approval_limits(merchant_id=case.merchant_id, at=at)
    waiting = Approval.objects.filter(case=case, proposal_hash=about.digest, decided_at=None).exclude(actor=by)
    rows = {row.actor: row for row in waiting.order_by("at", "id")}
    able = approvers.approvers([by, *rows], case, limits, at=at, lock=lock)
    if by not in able:
        raise approvers.MayNotApprove
    approvers.must_not_be_own(able[by], case, order_id=order.id, by_email=by_email)
    others = tuple(row for actor, row in rows.items() if actor in able and is_good(row, able[actor]))
    if any(able[by].marks & able[row.actor].marks for row in others):
        raise SamePerson
    stake_minor = _stake(case, order.id, amounts, shopper, at=at)
    said = [able[actor] for actor in (by, *(row.actor for row in others))]
    ruling = _rule(case, said, limits, amount_minor=amounts.new_minor, stake_minor=stake_minor)
    return Weighed(
        approver=able[by],
        proposal=about,
        ruling=ruling,
        stake_minor=stake_minor,
        order_id=order.id,
        shopper=shopper,
        others=others,
        limit_of={one.actor: one.limit_minor for one in said},
    )


def write_down(weighed: Weighed, case: Case, amounts: Amounts, *, wish: Wish, note: str, at: datetime) -> bool:
    """The yes stands with the case. False when it stood there before: nothing is new then."""
    approver, digest = weighed.approver, weighed.proposal.digest
    membership_id = approver.colleague.membership_id if approver.colleague else None
    mine = Approval.objects.filter(case=case, proposal_hash=digest, actor=approver.actor).first()
    if mine is not None and mine.membership_id == membership_id:
        return False
    said = {
        "pays": weighed.proposal.pays,
        "goes_to": weighed.proposal.goes_to,
        "wish": wish.plain(),
        "whys": weighed.ruling.whys,
    }
    told: dict[str, Any] = {
        "id": ids.uuid7(),
        "merchant_id": case.merchant_id,
        "case_id": case.id,
        "actor": approver.actor,
        "person_id": approver.colleague.person_id if approver.colleague else None,
        "membership_id": membership_id,
        "mailbox": _mailbox_of(approver, case),
        "order_id": weighed.order_id,
        "shopper": weighed.shopper,
        "proposal": orjson.dumps(said).decode(),
        "proposal_hash": digest,
        "wish_hash": wish.digest,
        "note": note.strip(),
        "amount_minor": amounts.new_minor,
        "currency": amounts.currency,
        "at": at,
        "people_needed": weighed.ruling.people_needed,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SAY, told)
    return True


def count(weighed: Weighed, case: Case, *, at: datetime) -> None:
    """Every yes that counted says so from now on, with what it was measured by."""
    counted: list[Any] = [list(weighed.limit_of), list(weighed.limit_of.values())]
    measured: list[Any] = [at, weighed.stake_minor, weighed.ruling.people_needed]
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [*measured, *counted, case.id, weighed.proposal.digest])


#: Whoever left and came back says it anew.
_SAY = """
INSERT INTO refunds_approval (id, merchant_id, case_id, actor, person_id, membership_id, mailbox, order_id, shopper,
                              proposal, proposal_hash, wish_hash, note, amount_minor, currency, at, people_needed)
VALUES (%(id)s, %(merchant_id)s, %(case_id)s, %(actor)s, %(person_id)s, %(membership_id)s, %(mailbox)s, %(order_id)s,
        %(shopper)s, %(proposal)s::jsonb, %(proposal_hash)s, %(wish_hash)s, %(note)s, %(amount_minor)s, %(currency)s,
        %(at)s, %(people_needed)s)
    ON CONFLICT (case_id, proposal_hash, actor) DO UPDATE
       SET at = excluded.at, note = excluded.note, membership_id = excluded.membership_id, mailbox = excluded.mailbox
"""
_COUNT = """
UPDATE refunds_approval a
   SET decided_at = %s, stake_minor = %s, people_needed = %s, limit_minor = counted.limit_minor
  FROM unnest(%s::text[], %s::bigint[]) AS counted (actor, limit_minor)
 WHERE a.case_id = %s AND a.proposal_hash = %s AND a.actor = counted.actor
"""


def was_said(case: Case, *, by: str, wish: Wish) -> bool:
    """The case is decided, and this actor's very same wish is one of those that decided it."""
    if CaseState.APPROVED in MOVES[CaseState(case.state)]:
        return False
    last = Approval.objects.filter(case=case, decided_at__isnull=False).order_by("-decided_at").first()
    if last is None or last.decided_at != case.decided_at:
        return False
    return Approval.objects.filter(case=case, decided_at=last.decided_at, actor=by, wish_hash=wish.digest).exists()


def _order_of(dossier: Dossier) -> DossierOrder:
    if dossier.order is None:
        raise AlreadyRefunded("Nothing can be paid before the order is known")
    return dossier.order


def is_good(row: Approval, approver: Approver) -> bool:
    """Whoever left and came back has not said this yes."""
    return approver.colleague is None or approver.colleague.membership_id == row.membership_id


def _rule(
    case: Case, said: Sequence[Approver], limits: Limits, *, amount_minor: int, stake_minor: int | None
) -> Ruling:
    measured = approvers.BEYOND_ANY_LIMIT if stake_minor is None else stake_minor
    yeses: list[Yes] = [one.says_yes(case, stake_minor=measured) for one in said]
    return four_eyes.rule(
        yeses,
        people_wanted=_people_wanted(case, limits, measured),
        sum_whys=_sum_whys(said, amount_minor=amount_minor, stake_minor=stake_minor),
    )


def _people_wanted(case: Case, limits: Limits, measured_minor: int) -> list[Why]:
    whys = []
    if limits.four_eyes_from_minor is not None and measured_minor >= limits.four_eyes_from_minor:
        whys.append(Why.AMOUNT)
    if limits.four_eyes_from_risk is not None and _risk(case) >= limits.four_eyes_from_risk:
        whys.append(Why.RISK)
    if case.reason in limits.four_eyes_reasons:
        whys.append(Why.REASON)
    return whys


def _sum_whys(said: Sequence[Approver], *, amount_minor: int, stake_minor: int | None) -> list[Why]:
    if stake_minor is None:
        return [Why.OTHER_CURRENCY]
    fits_alone = any(one.limit_minor is None or amount_minor <= one.limit_minor for one in said)
    return [Why.ADDS_UP if fits_alone else Why.ABOVE_LIMIT]


def _risk(case: Case) -> int:
    """The score of the last verdict on the case: 0 while there is none."""
    newest = Decision.objects.filter(case=case).order_by("-at", "-id").values_list("verdict__risk_score", flat=True)
    return int(newest.first() or 0)


_LATELY = """
SELECT coalesce(sum(amount_minor) FILTER (WHERE order_id = %(order_id)s), 0)::bigint,
       coalesce(sum(amount_minor) FILTER (WHERE shopper = %(shopper)s AND shopper <> ''), 0)::bigint,
       coalesce(bool_or(currency <> %(currency)s), false)
  FROM (SELECT DISTINCT case_id, decided_at, order_id, shopper, amount_minor, currency FROM refunds_approval
         WHERE merchant_id = %(merchant_id)s AND decided_at > %(since)s
           AND (order_id = %(order_id)s OR (shopper = %(shopper)s AND shopper <> ''))) AS decided
"""


def _stake(case: Case, order_id: UUID, amounts: Amounts, shopper: bytes, *, at: datetime) -> int | None:
    """The amount with what people approved within a day for the same order or the same shopper, whichever is more."""
    told: dict[str, Any] = {
        "merchant_id": case.merchant_id,
        "order_id": order_id,
        "shopper": shopper,
        "currency": amounts.currency,
        "since": at - ADDED_UP,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LATELY, told)
        of_order, of_shopper, is_mixed = cursor.fetchone()
    if is_mixed or amounts.currency != merchants.by_id(case.merchant_id).currency:
        return None
    return int(amounts.new_minor + max(of_order, of_shopper))


def _lock_shopper(case: Case, shopper: bytes) -> None:
    """Until this transaction ends, nobody else approves anything for this shopper."""
    with connection.cursor() as cursor:
        name = f"approves {case.merchant_id} {shopper.hex()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _mailbox_of(approver: Approver, case: Case) -> bytes:
    emails = [approver.colleague.email] if approver.colleague else []
    return approvers.digest_of(emails, merchant_id=case.merchant_id)
