"""Who works for a company, as another context needs to know it inside its own transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection


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
