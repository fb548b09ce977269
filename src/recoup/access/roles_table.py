"""Roles x actions, as the policies have it: each cell is asked of the authorizer, none is written by hand.

A cell is the best case: at one's own company or one's own case, signed in with everything that is asked for, below
every limit. What stands in the way besides is said of the action (`Row.conditions`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from recoup.access import authorizer, policies
from recoup.access.principals import Kind, Principal
from recoup.access.resources import PAGE, PLATFORM, Account, ApiKey, Case, Company, Member, Order, Payout, Webhook
from recoup.access.resources import Resource as Thing

_COMPANY, _CASE, _SELF, _ELSE = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
_SHOPPER = "shopper@example.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A column: somebody as they would stand at a door."""

    code: str
    words: str
    asker: Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Whether the role may; `policies` are the ids of those that say so."""

    role: Role
    is_allowed: bool
    policies: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An action with a cell for each role, in the order of `ROLES`."""

    action: policies.Action
    cells: tuple[Cell, ...]

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is asked for besides the role."""
        told = (
            (self.action.needs_recent_proof, "people prove themselves again first"),
            ("decides about money" in self.action.groups, "up to one's limit, never one's own refund"),
            (bool(self.action.scope), f"a key needs {self.action.scope}"),
        )
        return tuple(words for holds, words in told if holds)


def _staff(role: str) -> Principal:
    return Principal(
        kind=Kind.PERSON,
        id=_SELF,
        merchant_id=None if role in ("operator", "shopper") else _COMPANY,
        role=role,
        email=_SHOPPER if role == "shopper" else f"{role}@example.com",
        has_second_factor=role != "shopper",
        is_recent=True,
    )


def _guest(case: UUID | None) -> Principal:
    return Principal(kind=Kind.GUEST, id=_SELF, merchant_id=_COMPANY, role="guest", email=_SHOPPER, case_id=case)


ROLES: tuple[Role, ...] = (
    *(
        Role(code=code, words=code.capitalize(), asker=_staff(code))
        for code in ("auditor", "booth", "support", "reviewer", "manager", "operator")
    ),
    Role(code="shopper", words="Shopper, own cases", asker=_staff("shopper")),
    Role(code="guest", words="Guest with a code, own cases", asker=_guest(None)),
    Role(code="link", words="Guest with a link, that case", asker=_guest(_CASE)),
)

_THINGS: dict[str, Callable[[], Thing]] = {
    "Company": lambda: Company(_COMPANY),
    "Case": lambda: Case(company=_COMPANY, case=_CASE, email=_SHOPPER),
    "Order": lambda: Order(company=_COMPANY, number="1", email=_SHOPPER),
    "Payout": lambda: Payout(company=_COMPANY, payout=_ELSE, case=_CASE, email=_SHOPPER),
    "ApiKey": lambda: ApiKey(company=_COMPANY, key=_ELSE),
    "Webhook": lambda: Webhook(company=_COMPANY, endpoint=_ELSE),
    "Member": lambda: Member(company=_COMPANY, person=_ELSE),
    "Account": lambda: Account(_SELF),
    "Platform": lambda: PLATFORM,
    "Page": lambda: PAGE,
}


def rows() -> tuple[Row, ...]:
    """Every action of the schema, by name."""
    return _rows(policies.rules())


@lru_cache(maxsize=2)
def _rows(rules: policies.Rules) -> tuple[Row, ...]:
    return tuple(
        Row(action=action, cells=tuple(_cell(role, action) for role in ROLES)) for action in rules.actions.values()
    )


def _cell(role: Role, action: policies.Action) -> Cell:
    deciding: dict[str, None] = {}
    for kind in action.resources:
        decision = authorizer.decide(principal=role.asker, action=action.name, resource=_THINGS[kind]())
        if decision.is_allowed:
            deciding |= dict.fromkeys(decision.policies)
    return Cell(role=role, is_allowed=bool(deciding), policies=tuple(deciding))
