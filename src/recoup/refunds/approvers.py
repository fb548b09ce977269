"""Who says yes, whether they may at this moment, and up to which amount. Looked up where the money is locked.

Who may approve at all is asked of the authorizer, with the role that stands in the database now and not with the one
that the door knew. How much somebody may approve alone is asked of it too: the policy about limits is the same one that
`bin/recoup access explain` shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import authorizer
from recoup.access import queries as access
from recoup.access.principals import Kind, Principal
from recoup.access.resources import NOTHING_ELSE, Circumstances, Company
from recoup.access.resources import Case as Thing
from recoup.identity import transactional as identity
from recoup.identity.transactional import Colleague
from recoup.kernel.errors import Refusal
from recoup.kernel.mailboxes import mailbox, same_phone
from recoup.merchants.queries import Limits
from recoup.refunds.four_eyes import Yes
from recoup.refunds.models import Case

ACTION = "cases:approve"
#: More than any amount there is: what stands for a sum in a currency that limits say nothing about.
BEYOND_ANY_LIMIT = 2**62


class NotYourOwn(Refusal):
    """Nobody approves a refund to themselves."""

    code = "own_refund"
    status = 403
    title = "This is your own refund; somebody else must decide it"


class MayNotApprove(Refusal):
    """They have no role, or no key, that approves cases: it was taken away, or never was."""

    code = "ACCESS_DENIED"
    status = 403
    title = "You may not approve cases here, or not any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Somebody who may take part in approving this case. `limit_minor` None: as much as there is."""

    actor: str
    principal: Principal
    limit_minor: int | None
    colleague: Colleague | None = None

    @property
    def marks(self) -> frozenset[str]:
        """What tells this human from others."""
        if self.colleague is None:
            return frozenset()
        told = {f"person:{self.colleague.person_id}"} | {f"mailbox:{mailbox(one)}" for one in self.colleague.emails}
        return frozenset(told | ({f"phone:{self.colleague.phone}"} if self.colleague.phone else set()))

    def says_yes(self, case: Case, *, stake_minor: int) -> Yes:
        """Their yes to a sum."""
        how_much = Circumstances(amount_minor=stake_minor, limit_minor=self.limit_minor)
        return Yes(actor=self.actor, is_able=_decide(self.principal, case, how_much).is_allowed, marks=self.marks)


def approvers(actors: Collection[str], case: Case, limits: Limits, *, at: datetime, lock: bool) -> dict[str, Approver]:
    """Those of these actors who may approve this case at all, now. `lock`: until this transaction ends."""
    people = identity.colleagues(
        merchant_id=case.merchant_id,
        person_ids={found for actor in actors if (found := _id_of(actor, Kind.PERSON)) is not None},
        lock=lock,
    )
    able: dict[str, Approver] = {}
    for actor in actors:
        one = _person(actor, people, limits, case) or _machine(actor, limits, case, at=at)
        if one is not None and _decide(one.principal, case, NOTHING_ELSE).is_allowed:
            able[actor] = one
    return able


def must_not_be_own(approver: Approver, case: Case, *, order_id: UUID, by_email: str = "") -> None:
    """The refund is not theirs: neither asked for by them nor for a shopper with their mailbox or telephone.

    `by_email` is one more address of theirs. Raises NotYourOwn.
    """
    colleague = approver.colleague
    boxes = {mailbox(one) for one in (colleague.emails if colleague else ())} | {mailbox(by_email)} - {""}
    with connection.cursor() as cursor:
        cursor.execute(_WHOSE, [case.id, order_id])
        asked_by, order_email, order_phone = cursor.fetchone()
    if boxes & {mailbox(case.email), mailbox(order_email)} - {""}:
        raise NotYourOwn
    if colleague and (asked_by == approver.actor or same_phone(colleague.phone, order_phone)):
        raise NotYourOwn


def limit_of_person(actor: str, limits: Limits, *, merchant_id: UUID) -> int | None:
    """What this person may approve alone; nothing when they do not work here."""
    person_id = _id_of(actor, Kind.PERSON)
    found = identity.colleagues(merchant_id=merchant_id, person_ids=[person_id] if person_id else [])
    return limit_of_colleague(found[person_id], limits) if person_id in found else 0


def limit_of_colleague(colleague: Colleague, limits: Limits) -> int | None:
    """Their own limit, or else their role's."""
    of_role = {"reviewer": limits.reviewer_limit_minor, "manager": limits.manager_limit_minor}
    own = colleague.approve_limit_minor
    return of_role.get(colleague.role) if own is None else own


def approves_at_all(colleague: Colleague, *, merchant_id: UUID) -> bool:
    """Whether the policies let somebody in that role approve cases of the company."""
    principal = _principal(colleague, merchant_id=merchant_id)
    return authorizer.decide(principal=principal, action=ACTION, resource=Company(merchant_id)).is_allowed


def digest_of(emails: Sequence[str], *, merchant_id: UUID) -> bytes:
    """The first mailbox of these in a form that tells nobody the address; empty when there is none."""
    box = next(filter(None, map(mailbox, emails)), "")
    return hashlib.sha256(merchant_id.bytes + box.encode()).digest() if box else b""


#: Who asked first for the refund; whose order it is.
_WHOSE = """
SELECT coalesce((SELECT e.actor FROM events_event e WHERE e.subject_id = %s AND e.kind = 'case.submitted'
                  ORDER BY e.id LIMIT 1), ''), o.email, o.phone
  FROM orders_order o WHERE o.id = %s
"""


def _person(actor: str, people: dict[UUID, Colleague], limits: Limits, case: Case) -> Approver | None:
    person_id = _id_of(actor, Kind.PERSON)
    colleague = people.get(person_id) if person_id else None
    if colleague is None:
        return None
    principal = _principal(colleague, merchant_id=case.merchant_id)
    return Approver(
        actor=actor, principal=principal, limit_minor=limit_of_colleague(colleague, limits), colleague=colleague
    )


def _principal(colleague: Colleague, *, merchant_id: UUID) -> Principal:
    return Principal(
        kind=Kind.PERSON,
        id=colleague.person_id,
        merchant_id=merchant_id,
        role=colleague.role,
        email=colleague.email,
        # The door asked for both; what is asked here is what may have changed since.
        has_second_factor=True,
        is_recent=True,
    )


def _machine(actor: str, limits: Limits, case: Case, *, at: datetime) -> Approver | None:
    """A key's own limit makes the company's limit for keys lower, never higher; a client has the company's."""
    key_id, client_id = _id_of(actor, Kind.KEY), _id_of(actor, Kind.CLIENT)
    if key_id is not None:
        key = access.key_at_work(merchant_id=case.merchant_id, key_id=key_id, at=at)
        if key is None:
            return None
        kind, machine_id, scopes, own = Kind.KEY, key_id, key.scopes, key.approve_limit_minor
    elif client_id is not None:
        # Whether the client still has that scope is what its token, good for minutes, was checked for at the door.
        kind, machine_id, scopes, own = Kind.CLIENT, client_id, frozenset({"refunds:review"}), None
    else:
        return None
    known = [one for one in (own, limits.key_limit_minor) if one is not None]
    principal = Principal(kind=kind, id=machine_id, merchant_id=case.merchant_id, scopes=scopes)
    return Approver(actor=actor, principal=principal, limit_minor=min(known, default=None))


def _decide(principal: Principal, case: Case, circumstances: Circumstances) -> authorizer.Decision:
    # Whose refund it is stands in more than an address that is equal letter by letter: `must_not_be_own`.
    thing = Thing(company=case.merchant_id, case=case.id)
    return authorizer.decide(principal=principal, action=ACTION, resource=thing, circumstances=circumstances)


def _id_of(actor: str, kind: Kind) -> UUID | None:
    told, _, text = actor.partition(":")
    try:
        return UUID(text) if told == kind else None
    except ValueError:
        return None
