"""Somebody comes from their company's identity provider: the company vouches for them, within its own domains."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.identity import queries
from recoup.identity.models import Membership, Person
from recoup.kernel.errors import Refusal


class NotLetIn(Refusal):
    """The provider knows them, and that is not enough here."""

    code = "not_let_in"
    status = 403
    title = "Your company's sign-in knows you, and has no role for you here. Ask whoever runs Recoup at your company"


@tenancy.action
def admit_by_provider(
    *, merchant_id: UUID, email: str, name: str, role: str | None, provider_id: UUID, at: datetime
) -> UUID | None:
    """The person exists, is a member of the company in that role, and their address is proved. Gives their id.

    Without a role their membership ends, and None is given. Raises NotLetIn for somebody whom the company cannot vouch
    for: an operator, or a member of another company who has never worked for this one.
    """
    address = email.strip().lower()
    person = Person.objects.filter(email=address).first()
    known = Membership.objects.filter(person=person, merchant_id=merchant_id).first() if person else None
    if person is not None and known is None and (person.is_operator or not person.is_active or _works(person.id)):
        raise NotLetIn
    if role is None:
        if known:
            Membership.objects.filter(id=known.id).delete()
            _tell("member.left", merchant_id=merchant_id, person_id=known.person_id, provider_id=provider_id, at=at)
        return None
    if person is None:
        person = Person(email=address, name=name)
        person.set_unusable_password()
        Person.objects.bulk_create([person])
    if not person.is_active:
        raise NotLetIn
    _prove_address(person)
    if known is None or known.role != role:
        Membership.objects.update_or_create(person=person, merchant_id=merchant_id, defaults={"role": role})
        _tell(
            "member.role_given", merchant_id=merchant_id, person_id=person.id, provider_id=provider_id, at=at, role=role
        )
    return person.id


def _prove_address(person: Person) -> None:
    """The company says that the address is theirs. Whoever had registered it without proof keeps no way in."""
    known = EmailAddress.objects.filter(user=person, email=person.email).first()
    if known is None:
        EmailAddress.objects.bulk_create([EmailAddress(user=person, email=person.email, verified=True, primary=True)])
    elif not known.verified:
        EmailAddress.objects.filter(id=known.pk).update(verified=True)
        person.set_unusable_password()
        Person.objects.filter(id=person.id).update(password=person.password)


def _works(person_id: UUID) -> bool:
    return bool(queries.memberships(person_id))


def _tell(kind: str, *, merchant_id: UUID, person_id: UUID, provider_id: UUID, at: datetime, role: str = "") -> None:
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id, at=at, kind=kind, subject_id=person_id, actor=f"provider:{provider_id}",
                data={"role": role} if role else {},
            )
        ]
    )  # fmt: skip
