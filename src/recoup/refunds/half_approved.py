"""Reading approvals: who has said yes and to what, and what one more yes would come to. Changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.identity import transactional as identity
from recoup.kernel.errors import NotFound
from recoup.merchants import queries as merchants
from recoup.refunds import approvers, granting, holding, proposals, saying_yes
from recoup.refunds import dossier as dossiers
from recoup.refunds.dossier import Dossier
from recoup.refunds.four_eyes import Ruling, Why
from recoup.refunds.models import Approval, Case
from recoup.refunds.requests import LineGrant
from recoup.refunds.saying_yes import SECOND_PERSON

A_MACHINE = "One of the company's servers"
WHO_HAS_LEFT = "Somebody who has left"


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidYes:
    """A yes that waits for another one. `name` is how colleagues know whoever said it; `lines` what the shopper would
    have: title, units, minor units. `is_good`: it still counts; else its giver or what it was said to has changed.
    """

    actor: str
    name: str
    at: datetime
    note: str
    amount_minor: int
    currency: str
    lines: tuple[tuple[str, int, int], ...]
    wish: Mapping[str, Any]
    whys: tuple[Why, ...]
    people_needed: int
    is_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a yes would come to. `limit_minor` is whoever asks may approve alone, None: as much as there is."""

    limit_minor: int | None
    currency: str
    ruling: Ruling


@tenancy.query
def yeses_that_wait(*, merchant_id: UUID, case_id: UUID, at: datetime) -> list[SaidYes]:
    """Who has said yes to this case while it waits for a second person, the latest first. Raises NotFound."""
    case = _case(case_id)
    if case.waits_for != SECOND_PERSON:
        return []
    rows = list(Approval.objects.filter(case=case, decided_at=None).order_by("-at", "-id"))
    limits = merchants.approval_limits(merchant_id=merchant_id, at=at)
    able = approvers.approvers({row.actor for row in rows}, case, limits, at=at, lock=False)
    names = _names(rows, merchant_id=merchant_id)
    dossier = _dossier(case, at=at)
    return [
        SaidYes(
            actor=row.actor,
            name=names[row.actor],
            at=row.at,
            note=row.note,
            amount_minor=row.amount_minor,
            currency=row.currency,
            lines=tuple(
                (line["title"], line["quantity"], line["amount_minor"]) for line in row.proposal["pays"]["lines"]
            ),
            wish=row.proposal["wish"],
            whys=tuple(Why(why) for why in row.proposal["whys"]),
            people_needed=row.people_needed,
            is_good=row.actor in able
            and saying_yes.is_good(row, able[row.actor])
            and row.proposal_hash == _digest_now(case, dossier, row),
        )
        for row in rows
    ]


@tenancy.query
def who_said_yes(*, merchant_id: UUID, case_ids: Collection[UUID]) -> dict[UUID, str]:
    """Case -> the name of whoever said yes last, of those cases that wait for a second person."""
    waiting = Approval.objects.filter(case__in=list(case_ids), case__waits_for=SECOND_PERSON, decided_at=None).order_by(
        "at", "id"
    )
    rows = list(waiting)
    names = _names(rows, merchant_id=merchant_id) if rows else {}
    return {row.case_id: names[row.actor] for row in rows}


@tenancy.query
def outlook(
    *,
    merchant_id: UUID,
    case_id: UUID,
    by: str,
    at: datetime,
    lines: Sequence[LineGrant] | None = None,
    with_delivery: bool = False,
    with_kept_back: bool = False,
) -> Outlook:
    """What `actions.approve` with these words would come to now. Raises as it does."""
    case = _case(case_id)
    dossier = _dossier(case, at=at)
    amounts = granting.approval(
        case,
        dossier,
        holding.holding_of(case),
        grants=lines,
        with_delivery=with_delivery,
        with_kept_back=with_kept_back,
    )
    weighed = saying_yes.weigh(case, dossier, amounts, by=by, at=at, lock=False)
    return Outlook(
        limit_minor=weighed.approver.limit_minor,
        currency=merchants.by_id(merchant_id).currency,
        ruling=weighed.ruling,
    )


@tenancy.query
def limit_of(*, merchant_id: UUID, by: str, at: datetime) -> int | None:
    """How much this person may approve alone, in minor units of the company's currency; None: as much as there is."""
    limits = merchants.approval_limits(merchant_id=merchant_id, at=at)
    return approvers.limit_of_person(by, limits, merchant_id=merchant_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class MayApprove:
    """Somebody who decides cases. `own_minor`: their own limit, None: as their role; `limit_minor`: what counts."""

    person_id: UUID
    name: str
    role: str
    own_minor: int | None
    limit_minor: int | None


@tenancy.query
def people_who_approve(*, merchant_id: UUID, at: datetime) -> list[MayApprove]:
    """Everybody at the company who may approve cases, by name."""
    limits = merchants.approval_limits(merchant_id=merchant_id, at=at)
    found = [
        MayApprove(
            person_id=one.person_id,
            name=one.name or one.email,
            role=one.role,
            own_minor=one.approve_limit_minor,
            limit_minor=approvers.limit_of_colleague(one, limits),
        )
        for one in identity.colleagues(merchant_id=merchant_id).values()
        if approvers.approves_at_all(one, merchant_id=merchant_id)
    ]
    return sorted(found, key=lambda one: one.name.casefold())


@tenancy.query
def names_of(*, merchant_id: UUID, actors: Collection[str]) -> dict[str, str]:
    """How colleagues know these actors."""
    ids = {actor: UUID(actor.partition(":")[2]) for actor in actors if actor.startswith("person:")}
    known = identity.colleagues(merchant_id=merchant_id, person_ids=set(ids.values()))
    names = {actor: known[one].name or known[one].email for actor, one in ids.items() if one in known}
    return {actor: names.get(actor, WHO_HAS_LEFT if actor in ids else "Recoup") for actor in actors}


def _case(case_id: UUID) -> Case:
    case = Case.objects.filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such refund")
    return case


def _dossier(case: Case, *, at: datetime) -> Dossier:
    return dossiers.read(merchant_id=case.merchant_id, order_number=case.order_number, at=at, but=case.id, lock=False)


def _names(rows: Sequence[Approval], *, merchant_id: UUID) -> dict[str, str]:
    known = identity.colleagues(merchant_id=merchant_id, person_ids={row.person_id for row in rows if row.person_id})
    names = {}
    for row in rows:
        colleague = known.get(row.person_id) if row.person_id else None
        left = WHO_HAS_LEFT if row.person_id else A_MACHINE
        names[row.actor] = (colleague.name or colleague.email) if colleague else left
    return names


def _digest_now(case: Case, dossier: Dossier, row: Approval) -> str:
    """What the same wish would be a yes to now; nothing when it cannot be fulfilled any more."""
    wish = proposals.wish_from(row.proposal["wish"])
    try:
        amounts = granting.approval(
            case,
            dossier,
            holding.holding_of(case),
            grants=wish.lines,
            with_delivery=wish.with_delivery,
            with_kept_back=wish.with_kept_back,
        )
        return proposals.proposal(case, dossier, amounts).digest
    except proposals.CANNOT_BE:
        return ""
