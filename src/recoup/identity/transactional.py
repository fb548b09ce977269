"""What other contexts may ask of identity inside their own transaction: who works for a company, inviting somebody to,
and undoing what somebody says was not them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from recoup.access import tenancy
from recoup.identity.actions.end_sign_ins import end_sign_ins
from recoup.identity.actions.invite import WorksHere, invite
from recoup.identity.models import Person, Role

__all__ = ["Colleague", "Undone", "WorksHere", "colleagues", "disown", "invite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who works for a company now. `emails`: every address that is proved to be theirs, `phone` likewise.

    `approve_limit_minor`: their own limit, in minor units of the company's currency; None: as their role.
    """

    person_id: UUID
    membership_id: UUID
    name: str
    email: str
    role: str
    approve_limit_minor: int | None
    emails: list[str]
    phone: str


_COLLEAGUES = """
SELECT p.id, m.id, p.name, p.email, m.role, m.approve_limit_minor,
       array(SELECT e.email FROM account_emailaddress e WHERE e.user_id = p.id AND e.verified
             UNION SELECT p.email),
       CASE WHEN p.phone_verified_at IS NOT NULL THEN coalesce(p.phone, '') ELSE '' END
  FROM identity_membership m JOIN identity_person p ON p.id = m.person_id
 WHERE m.merchant_id = %(merchant_id)s AND p.is_active AND (%(everybody)s OR p.id = ANY(%(ids)s))
 ORDER BY m.id
"""


def colleagues(
    *, merchant_id: UUID, person_ids: Collection[UUID] | None = None, lock: bool = False
) -> dict[UUID, Colleague]:
    """Those of these people who work for the company, by their ids; None asks for everybody who does.

    `lock`: until this transaction ends, nobody takes their role away or gives them another one.
    """
    assert connection.in_atomic_block, "colleagues are looked up inside a transaction"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute(
            _COLLEAGUES + (" FOR SHARE OF m" if lock else ""),
            {"merchant_id": merchant_id, "everybody": person_ids is None, "ids": list(person_ids or ())},
        )
        found = [Colleague(**dict(zip(Colleague.__slots__, row, strict=True))) for row in cursor.fetchall()]
    return {one.person_id: one for one in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What became of an account whose owner said of a change: this was not me.

    `email`: the account's address now; `is_undone`: the change is gone, or was only a visit that has ended;
    `watchers`: the addresses of those who look after somebody who works here.
    """

    name: str
    email: str
    is_undone: bool
    watchers: list[str]


def disown(*, person_id: UUID, kind: str, facts: Mapping[str, str]) -> Undone | None:
    """Nobody is signed in as the person and no app acts for them; their password is gone, and the change undone where
    it can be. Second factors of staff stay: whoever reads somebody's mail must not take them off by a link.
    None for somebody who is not there any more.
    """
    assert connection.in_atomic_block, "an account changes inside a transaction"  # noqa: S101
    person = Person.objects.select_for_update(no_key=True).filter(id=person_id).first()
    if person is None:
        return None
    end_sign_ins(person_id=person_id, proofs_too=False)
    person.set_unusable_password()
    Person.objects.filter(id=person_id).update(password=person.password)
    works_at = _companies(person_id)
    is_staff = bool(works_at) or person.is_operator
    undo = _UNDO.get(kind)
    is_undone = undo(person, facts, is_staff) if undo else kind not in _STAYS
    watchers = _operators(person_id) if person.is_operator else []
    for merchant_id in works_at:
        tenancy.enter(merchant_id=merchant_id)
        watchers += [
            one.email for one in colleagues(merchant_id=merchant_id).values()
            if one.role == Role.MANAGER and one.person_id != person_id and one.email
        ]  # fmt: skip
    email = Person.objects.values_list("email", flat=True).get(id=person_id) or ""
    return Undone(name=person.name or email, email=email, is_undone=is_undone, watchers=list(dict.fromkeys(watchers)))


#: What is gone for good, so that nothing brings it back.
_STAYS = frozenset({"factor_removed", "recovery_codes_made", "sign_in_disconnected"})


def _address_back(person: Person, facts: Mapping[str, str], is_staff: bool) -> bool:
    """The old address opens the account, and the new one does not."""
    del is_staff
    old, new = facts.get("old", ""), facts.get("new", "")
    taken = Person.objects.filter(email=old).exclude(id=person.id).exists()
    if old and (taken or EmailAddress.objects.filter(email=old, verified=True).exclude(user_id=person.id).exists()):
        return False
    if new:
        EmailAddress.objects.filter(user_id=person.id, email=new).delete()
    if not old:
        return True
    is_main = (
        person.email == new or not new or not EmailAddress.objects.filter(user_id=person.id, primary=True).exists()
    )
    if is_main:
        EmailAddress.objects.filter(user_id=person.id, primary=True).update(primary=False)
        Person.objects.filter(id=person.id).update(email=old)
    EmailAddress.objects.update_or_create(user_id=person.id, email=old, defaults={"verified": True, "primary": is_main})
    return True


def _phone_back(person: Person, facts: Mapping[str, str], is_staff: bool) -> bool:
    """The old number is the account's again, the new one is not."""
    del is_staff
    old = facts.get("old_phone") or None
    if old and Person.objects.filter(phone=old).exclude(id=person.id).exists():
        old = None
    Person.objects.filter(id=person.id).update(phone=old, phone_verified_at=person.phone_verified_at if old else None)
    return old == (facts.get("old_phone") or None)


def _factor_off(person: Person, facts: Mapping[str, str], is_staff: bool) -> bool:
    """The second factor that was added proves nothing any more."""
    if is_staff or not facts.get("factor_id"):
        return False
    return bool(Authenticator.objects.filter(user_id=person.id, id=facts["factor_id"]).delete()[0])


def _sign_in_off(person: Person, facts: Mapping[str, str], is_staff: bool) -> bool:
    """The other place's account opens this one no more."""
    del is_staff
    if not facts.get("connection_id"):
        return False
    return bool(SocialAccount.objects.filter(user_id=person.id, id=facts["connection_id"]).delete()[0])


_UNDO: dict[str, Callable[[Person, Mapping[str, str], bool], bool]] = {
    "email_added": _address_back,
    "email_changed": _address_back,
    "email_removed": _address_back,
    "phone_changed": _phone_back,
    "factor_added": _factor_off,
    "sign_in_connected": _sign_in_off,
}


def _companies(person_id: UUID) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT merchant_id FROM identity_memberships(%s)", [person_id])
        return [row[0] for row in cursor.fetchall()]


def _operators(person_id: UUID) -> list[str]:
    others = Person.objects.filter(is_operator=True, is_active=True).exclude(id=person_id)
    return [email for email in others.order_by("email").values_list("email", flat=True) if email]
