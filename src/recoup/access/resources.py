"""What is asked for, as the authorizer knows it. A door describes the thing at hand; nothing here reads a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from uuid import UUID


class Resource(Protocol):
    """Something that an action is asked on: its kind in `policies/recoup.cedarschema`, its name and its attributes."""

    kind: ClassVar[str]

    @property
    def id(self) -> str: ...

    def attributes(self) -> dict[str, Any]: ...

    def __hash__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Company:
    """A company as a whole: its list of cases, its orders, its settings."""

    kind: ClassVar[str] = "Company"
    company: UUID

    @property
    def id(self) -> str:
        return str(self.company)

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case. `email` is the address of its shopper; it is compared without regard to capitals."""

    kind: ClassVar[str] = "Case"
    company: UUID
    case: UUID
    email: str = ""

    @property
    def id(self) -> str:
        return str(self.case)

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company), "case": str(self.case), "email": self.email.lower()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """A payment of a case."""

    kind: ClassVar[str] = "Payout"
    company: UUID
    payout: UUID
    case: UUID
    email: str = ""

    @property
    def id(self) -> str:
        return str(self.payout)

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company), "case": str(self.case), "email": self.email.lower()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order, known or only named. `email` is the address it was bought with, as far as it was proved."""

    kind: ClassVar[str] = "Order"
    company: UUID
    number: str
    email: str = ""

    @property
    def id(self) -> str:
        return self.number

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company), "email": self.email.lower()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a company's server."""

    kind: ClassVar[str] = "ApiKey"
    company: UUID
    key: UUID
    scopes: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return str(self.key)

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company), "scopes": sorted(self.scopes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that a company wants to be told at."""

    kind: ClassVar[str] = "Webhook"
    company: UUID
    endpoint: UUID

    @property
    def id(self) -> str:
        return str(self.endpoint)

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody's place in a company."""

    kind: ClassVar[str] = "Member"
    company: UUID
    person: UUID

    @property
    def id(self) -> str:
        return f"{self.company}/{self.person}"

    def attributes(self) -> dict[str, Any]:
        return {"company": str(self.company), "person": str(self.person)}


@dataclass(frozen=True, slots=True)
class Account:
    """A person's own account."""

    kind: ClassVar[str] = "Account"
    person: UUID

    @property
    def id(self) -> str:
        return str(self.person)

    def attributes(self) -> dict[str, Any]:
        return {"person": str(self.person)}


@dataclass(frozen=True, slots=True)
class Platform:
    """This Recoup itself, of no company."""

    kind: ClassVar[str] = "Platform"
    id: ClassVar[str] = "recoup"

    def attributes(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that shows nobody's things."""

    kind: ClassVar[str] = "Page"
    id: ClassVar[str] = "public"

    def attributes(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else a policy may look at: the amount at hand, this person's limit, the scopes that a new key would get."""

    amount_minor: int | None = None
    limit_minor: int | None = None
    given: frozenset[str] | None = None

    def attributes(self) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if self.amount_minor is not None:
            told["amount_minor"] = self.amount_minor
        if self.limit_minor is not None:
            told["limit_minor"] = self.limit_minor
        if self.given is not None:
            told["given"] = sorted(self.given)
        return told


NOTHING_ELSE = Circumstances()
PLATFORM = Platform()
PAGE = Page()
