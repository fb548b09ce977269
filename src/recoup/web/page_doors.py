"""Before any page: it has said what it asks for, and whoever looks after an account looks after their own, once they
have the second proof that their work asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from recoup.access import doors
from recoup.access.principals import Kind, Principal
from recoup.access.resources import Account
from recoup.access.routes_of_others import OWN, asked_at
from recoup.web import errors
from recoup.web.account import enrolling


def refusal(request: HttpRequest, view: Callable[..., HttpResponse]) -> HttpResponse | None:
    """The page that says no; None when the request may go on to the view, which asks about the thing at hand."""
    name = request.resolver_match.view_name if request.resolver_match else None
    actions = asked_at(view, name)
    try:
        if not actions:
            raise doors.NotAllowed("This address declares no action, so nobody may use it")
        if actions == (OWN,) and request.user.is_authenticated:
            person: Any = request.user
            doors.allow(_signed_in(person), OWN, Account(person.id))
    except doors.NotAllowed as refused:
        return errors.refused(request, refused)
    return enrolling.first(request, name) if actions == (OWN,) else None


def _signed_in(person: Any) -> Principal:
    """Somebody at their own account, whatever else they are."""
    role = "operator" if person.is_operator else "shopper"
    return Principal(kind=Kind.PERSON, id=person.id, role=role, email=person.email or "")
