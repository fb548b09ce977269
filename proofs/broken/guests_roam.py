"""A web that asks about a guest's own case, and then shows the one in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recoup.access import doors
from recoup.access.principals import Kind, Principal
from recoup.access.resources import Case, Resource


def break_it() -> None:
    """From now on the case in the address is not compared with the guest's."""

    def own(who: Principal, named: Mapping[str, Any]) -> Resource | None:
        if who.kind is not Kind.GUEST or "case_id" not in named:
            return None
        return Case(company=who.company, case=who.case_id, email=who.email)

    doors.thing_of = own
