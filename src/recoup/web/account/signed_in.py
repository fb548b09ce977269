"""`/account/sessions/`: where somebody is signed in, which browsers were there before, and the end of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from recoup.access import doors
from recoup.access.routes_of_others import OWN
from recoup.identity import actions, devices
from recoup.identity.devices import OpenSession, SeenDevice
from recoup.kernel import clock
from recoup.kernel.errors import NotFound
from recoup.web import session_life
from recoup.web.account import device_names, notices, own_phone
from recoup.web.account.notices import Change

_DONE = {
    "end": "That browser is signed out.",
    "others": "You are signed out everywhere else.",
    "forget": "That browser is forgotten. We tell you when it signs in again.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A browser in which the person is signed in."""

    id: int
    name: str
    since: datetime
    last_seen_at: datetime
    is_here: bool


@doors.declares(OWN)
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def places(request: HttpRequest) -> HttpResponse:
    """A look needs no proof; signing a browser out asks for a fresh one, so that a thief cannot throw the owner out."""
    person: Any = request.user
    at = clock.now()
    found = _open(request, person, at=at)
    known = devices.of_person(person.pk)
    if request.method == "POST":
        return own_phone.prove_first(request, back_to=request.path) or _end(request, person, found)
    used = {one.device_id for one in found}
    context = {
        "places": _places(request, found, known),
        "before": [device for device in known if device.id not in used],
        "done": _DONE.get(request.GET.get("done", ""), ""),
    }
    return render(request, "account/signed_in.html", context)


def note(request: HttpRequest, person: Any, *, token: str, was_here: bool) -> None:
    """The browser that just signed in is known from now on; the person hears of it when it is new and they are not."""
    name = device_names.name_of(request.headers.get("User-Agent", ""))
    is_new = actions.see_device(
        person_id=person.pk, session_key=request.session.session_key or "", token=token, name=name, at=clock.now()
    )
    if is_new and was_here:
        notices.tell(person, Change.NEW_DEVICE, device=name)


def _open(request: HttpRequest, person: Any, *, at: datetime) -> list[OpenSession]:
    """Those that would still open the account: another password has ended the others."""
    stamp = person.get_session_auth_hash()
    return [
        one
        for one in devices.open_sessions(person.pk, at=at)
        if one.key == request.session.session_key
        or (
            not session_life.has_ended(one.holds, at=at)
            and constant_time_compare(str(one.holds.get(HASH_SESSION_KEY, "")), stamp)
        )
    ]


def _places(request: HttpRequest, found: list[OpenSession], known: list[SeenDevice]) -> list[Place]:
    """This one first."""
    names = {device.id: device.name for device in known}
    shown = [
        Place(
            id=one.id,
            name=names.get(one.device_id, device_names.UNKNOWN) if one.device_id else device_names.UNKNOWN,
            since=one.began_at,
            last_seen_at=_seen(one),
            is_here=one.key == request.session.session_key,
        )
        for one in found
    ]
    return sorted(shown, key=lambda place: not place.is_here)


def _seen(one: OpenSession) -> datetime:
    seen = one.holds.get(session_life.SEEN)
    return datetime.fromtimestamp(seen, tz=UTC) if seen else one.began_at


def _end(request: HttpRequest, person: Any, found: list[OpenSession]) -> HttpResponse:
    deed = request.POST.get("action", "")
    others = {one.id for one in found if one.key != request.session.session_key}
    if deed == "others":
        actions.end_sessions(person_id=person.pk, session_ids=others)
    elif deed == "end":
        asked = {number for number in others if str(number) == request.POST.get("session")}
        if not actions.end_sessions(person_id=person.pk, session_ids=asked):
            raise NotFound("That browser is not signed in any more")
    elif deed == "forget":
        actions.forget_device(person_id=person.pk, device_id=_number(request.POST.get("device", "")))
    else:
        raise NotFound("There is nothing like that to do here")
    return redirect(f"{request.path}?done={deed}")


def _number(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError:
        raise NotFound("There is no such browser") from None
