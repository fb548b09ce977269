"""The page behind the link of an invitation: whoever proves the address that it was mailed to may take it up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.identity import actions, inviting, roster
from recoup.identity.inviting import Invited
from recoup.kernel import clock
from recoup.merchants import queries as merchants
from recoup.web.staff import desk
from recoup.web.staff.member_forms import NameForm

_GONE = 410


@doors.open_to_all
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A look changes nothing. The link alone opens nothing either: a code goes to the address first."""
    found = inviting.of_token(token, at=clock.now())
    if found is None:
        return _gone(request)
    person: Any = request.user
    if not person.is_authenticated:
        return _page(request, found, "account/join_first.html")
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": person.name})
    if not form.is_valid():
        return _page(request, found, "account/join.html", form=form, status=422 if form.errors else 200)
    told = {"invitation_id": found.id, "person_id": person.pk, "name": form.cleaned_data["name"]}
    try:
        actions.accept_invitation(merchant_id=found.merchant_id, **told, at=clock.now())
    except actions.NotInvited:
        return _page(request, found, "account/join_not_you.html", status=403)
    except actions.InvitationOver:
        return _gone(request)
    desk.sit(request, found.merchant_id)
    return redirect("/review")


def _page(request: HttpRequest, found: Invited, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "invitation": found,
        "company": merchants.by_id(found.merchant_id),
        "who": roster.name_of(found.invited_by),
        **more,
    }
    return render(request, template, context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "account/join_gone.html", status=_GONE)
