"""Who and what somebody means: `key:0198…`, `person:ines@…`, `case:RC-…`. For explanations, never for a door.

Names are looked up in one company (a page), or in all (the operator's command line).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.db import transaction

from recoup.access import authorizer, policies, tenancy
from recoup.access import queries as access
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PAGE, PLATFORM, Account, ApiKey, Case, Circumstances, Company, Member, Order
from recoup.access.resources import Resource as Thing
from recoup.identity import queries as identity
from recoup.kernel.errors import Invalid, NotFound
from recoup.kernel.ids import read_case_number
from recoup.merchants import queries as merchants
from recoup.refunds import queries as refunds
from recoup.refunds.views import CaseView

NOBODY = UUID(int=0)
ROLES_OF_COMPANIES = ("auditor", "booth", "support", "reviewer", "manager")
PRINCIPALS = "key:ID, person:E-MAIL or ID, guest:ID, role:ROLE, scopes:SCOPE,SCOPE or nobody"
RESOURCES = "case:RC-…, company:SLUG, order:SLUG/NUMBER, key:ID, member:SLUG/E-MAIL, account:E-MAIL, platform or page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was named, in words; `company` is where it belongs, `case` the case that it is."""

    thing: Thing
    words: str
    company: UUID | None = None
    case: CaseView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who was named. `assumed`: what nobody looked up, in words."""

    principal: Principal
    words: str
    assumed: tuple[str, ...] = ()
    #: Why their proof opens nothing any more; empty while it does.
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """How far somebody sees: `within` one company, or everywhere. The proofs of people are assumed, not looked up."""

    at: datetime
    within: UUID | None = None
    has_second_factor: bool = True
    is_recent: bool = True

    @contextmanager
    def open(self) -> Iterator[None]:
        """A transaction that sees so far."""
        if self.within is None:
            with tenancy.every_merchant():
                yield
            return
        with transaction.atomic():
            tenancy.enter(merchant_id=self.within)
            yield


def resource(text: str, eyes: Eyes) -> Told:
    """What `text` names. Raises Invalid, NotFound."""
    kind, _, name = text.partition(":")
    read = _RESOURCES.get(kind)
    if read is None:
        raise Invalid(f"{text!r} names nothing that can be asked about; say {RESOURCES}")
    told = read(name, eyes)
    if eyes.within is not None and told.company != eyes.within:
        raise NotFound(f"There is no {text} here")
    return told


def principal(text: str, eyes: Eyes, *, company: UUID | None) -> Who:
    """Whom `text` names, as they would stand before a thing of `company`. Raises Invalid, NotFound."""
    kind, _, name = text.partition(":")
    read = _PRINCIPALS.get(kind)
    if read is None:
        raise Invalid(f"{text!r} names nobody; say {PRINCIPALS}")
    return read(name, eyes, company)


def circumstances(told: Told, action: str, who: Principal, eyes: Eyes) -> Circumstances:
    """The amount at hand and the person's limit, where the policies look at them."""
    if "decides about money" not in policies.action(action).groups or told.case is None or told.company is None:
        return Circumstances()
    limit = None
    if who.kind is Kind.PERSON and who.merchant_id == told.company:
        limit = refunds.limit_of(merchant_id=told.company, by=who.actor, at=eyes.at)
    return Circumstances(amount_minor=told.case.amount_requested_minor, limit_minor=limit)


# ── Things ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _case(name: str, eyes: Eyes) -> Told:
    number = read_case_number(name) or name
    found = refunds.find_by_number(number)
    if found is None or eyes.within not in (None, found[0]):
        raise NotFound(f"There is no case {name}")
    case = refunds.case_by_id(merchant_id=found[0], case_id=found[1])
    thing = Case(company=case.merchant_id, case=case.id, email=case.email)
    return Told(thing=thing, words=f"case {case.number}", company=case.merchant_id, case=case)


def _company(name: str, eyes: Eyes) -> Told:  # noqa: ARG001 - the shape of all of them
    company = merchants.by_slug(name)
    return Told(thing=Company(company.id), words=company.name, company=company.id)


def _order(name: str, eyes: Eyes) -> Told:  # noqa: ARG001
    slug, _, number = name.partition("/")
    if not number:
        raise Invalid("Name an order by its company and number: order:SLUG/NUMBER")
    company = merchants.by_slug(slug)
    return Told(thing=Order(company=company.id, number=number), words=f"order {number}", company=company.id)


def _a_key(name: str, eyes: Eyes) -> Told:
    key = _key_named(name, eyes)
    thing = ApiKey(company=key.merchant_id, key=key.id, scopes=key.scopes)
    return Told(thing=thing, words=f"the key {key.label}", company=key.merchant_id)


def _member(name: str, eyes: Eyes) -> Told:  # noqa: ARG001
    slug, _, email = name.partition("/")
    company, person = merchants.by_slug(slug), _person_named(email)
    thing = Member(company=company.id, person=person.person_id)
    return Told(thing=thing, words=f"{person.name or person.email} as a member of {company.name}", company=company.id)


def _account(name: str, eyes: Eyes) -> Told:  # noqa: ARG001
    person = _person_named(name)
    return Told(thing=Account(person.person_id), words=f"the account of {person.name or person.email}")


_RESOURCES: dict[str, Callable[[str, Eyes], Told]] = {
    "case": _case,
    "company": _company,
    "order": _order,
    "key": _a_key,
    "member": _member,
    "account": _account,
    "platform": lambda _name, _eyes: Told(thing=PLATFORM, words="this Recoup"),
    "page": lambda _name, _eyes: Told(thing=PAGE, words="a page for everybody"),
}

# ── People and machines ──────────────────────────────────────────────────────────────────────────────────────────────


def _key(name: str, eyes: Eyes, company: UUID | None) -> Who:  # noqa: ARG001
    key = _key_named(name, eyes)
    who = Principal(kind=Kind.KEY, id=key.id, merchant_id=key.merchant_id, scopes=key.scopes)
    ended = "" if key.is_live else "the key was revoked, or has ended: whoever shows it is nobody"
    return Who(principal=who, words=f"the key {key.label} (…{key.hint}, {authorizer.in_words(who)[6:]})", ended=ended)


def _person(name: str, eyes: Eyes, company: UUID | None) -> Who:
    person = _person_named(name)
    roles = person.roles if eyes.within is None else {k: v for k, v in person.roles.items() if k == eyes.within}
    if eyes.within is not None and not roles:
        raise NotFound("Nobody of that name works here")
    at = company if company in roles else next(iter(roles), None)
    role = roles[at] if at else "operator" if person.is_operator else "shopper"
    who = Principal(
        kind=Kind.PERSON,
        id=person.person_id,
        merchant_id=at,
        role=role,
        email=person.email,
        has_second_factor=eyes.has_second_factor,
        is_recent=eyes.is_recent,
    )
    ended = "" if person.is_active else "the account is closed: nobody signs in with it"
    words = f"{person.name or person.email}, {role}"
    return Who(principal=who, words=words, assumed=_assumed(eyes), ended=ended)


def _guest(name: str, eyes: Eyes, company: UUID | None) -> Who:  # noqa: ARG001
    found = identity.pass_named(name, at=eyes.at) if len(name) >= 8 else None
    if found is None or eyes.within not in (None, found.merchant_id):
        raise NotFound(f"There is no one guest's pass that begins with {name!r}")
    who = Principal(
        kind=Kind.GUEST,
        id=found.id,
        merchant_id=found.merchant_id,
        role="guest",
        email=found.email,
        order_id=found.order_id,
        case_id=found.case_id,
    )
    ended = "" if found.is_live else "the pass has ended: whoever shows it is nobody"
    return Who(principal=who, words=authorizer.in_words(who), ended=ended)


def _role(name: str, eyes: Eyes, company: UUID | None) -> Who:
    if name not in (*ROLES_OF_COMPANIES, "operator", "shopper"):
        raise Invalid(f"There is no role {name!r}; there are {', '.join(ROLES_OF_COMPANIES)}, operator and shopper")
    who = Principal(
        kind=Kind.PERSON,
        id=NOBODY,
        merchant_id=company if name in ROLES_OF_COMPANIES else None,
        role=name,
        has_second_factor=eyes.has_second_factor,
        is_recent=eyes.is_recent,
    )
    return Who(principal=who, words=authorizer.in_words(who), assumed=_assumed(eyes))


def _scopes(name: str, eyes: Eyes, company: UUID | None) -> Who:  # noqa: ARG001
    scopes = frozenset(filter(None, name.split(",")))
    unknown = scopes - policies.scopes()
    if unknown:
        known = ", ".join(sorted(policies.scopes()))
        raise Invalid(f"There is no scope {', '.join(sorted(unknown))}; there are {known}")
    who = Principal(kind=Kind.KEY, id=NOBODY, merchant_id=company, scopes=scopes)
    return Who(principal=who, words=authorizer.in_words(who))


def _nobody(name: str, eyes: Eyes, company: UUID | None) -> Who:  # noqa: ARG001
    who = Principal(kind=Kind.ANONYMOUS, id=NOBODY, role="")
    return Who(principal=who, words=authorizer.in_words(who))


_PRINCIPALS: dict[str, Callable[[str, Eyes, UUID | None], Who]] = {
    "key": _key,
    "person": _person,
    "guest": _guest,
    "role": _role,
    "scopes": _scopes,
    "nobody": _nobody,
}


def _assumed(eyes: Eyes) -> tuple[str, ...]:
    return (
        "they have given a second factor" if eyes.has_second_factor else "they have given no second factor",
        "they have proved themselves just now" if eyes.is_recent else "their proof of themselves has grown old",
    )


def _person_named(name: str) -> identity.Named:
    return identity.person_named(name) or _not_there(f"Nobody here is called {name}")


def _key_named(name: str, eyes: Eyes) -> access.KeyOnTheList:
    if len(name) < 8:
        raise Invalid("Name a key by its id, or by the first eight characters of it or more")
    found = access.keys_on_the_list(at=eyes.at, begins=name, merchant_id=eyes.within)
    if len(found) > 1:
        raise Invalid(f"{len(found)} keys begin with {name}; give more of the id")
    return found[0] if found else _not_there(f"There is no key {name}")


def _not_there(words: str) -> NoReturn:
    raise NotFound(words)
