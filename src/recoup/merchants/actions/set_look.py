"""A company says how its own page looks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recoup.access import tenancy
from recoup.events import transactional as events
from recoup.kernel.errors import Invalid
from recoup.merchants.models import Look

COLOUR = re.compile(r"#[0-9a-f]{6}")
WELCOME_MAX = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLogo:
    """A logo that has been checked and drawn anew. `mark` is of its content; an empty `png` takes the logo away."""

    png: bytes = b""
    mark: str = ""


@tenancy.action
def set_look(
    *, merchant_id: UUID, colour: str, welcome: str, by: str, at: datetime, new_logo: NewLogo | None = None
) -> None:
    """The page looks so from now on. Without `new_logo` the logo stays. Raises Invalid."""
    if colour and not COLOUR.fullmatch(colour):
        raise Invalid("A colour is written as # and six digits, like #0a6355")
    if len(welcome) > WELCOME_MAX:
        raise Invalid(f"The welcome has at most {WELCOME_MAX} letters")
    chosen: dict[str, Any] = {"colour": colour, "welcome": welcome.strip(), "changed_at": at}
    if new_logo is not None:
        chosen |= {"logo": new_logo.png, "logo_mark": new_logo.mark}
    Look.objects.update_or_create(id=merchant_id, defaults=chosen)
    events.record(
        [
            events.Happening(
                merchant_id=merchant_id,
                at=at,
                kind="company.look_changed",
                subject_id=merchant_id,
                actor=by,
                data={"colour": colour, "logo": new_logo.mark if new_logo else "as before"},
            )
        ]
    )
