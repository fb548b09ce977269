"""How long somebody stays signed in: twelve hours at most, and half an hour without a step for people who work here.

Nobody keeps a session's number across a proof: it is a new one after each sign-in, each proof given again and each
change of what somebody may do (docs/decisions/0042).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

from recoup.identity import actions
from recoup.identity import queries as identity
from recoup.identity.queries import Member
from recoup.kernel import clock
from recoup.web.session_store import BEGAN, LASTS_S

IDLE_S = 30 * 60
#: A session's row is not written more often than this for having been used.
SEEN_EVERY_S = 60
SEEN, RIGHTS = "seen", "rights"
_TIME_IS_OVER = (
    "You were signed out: nothing was done here for 30 minutes, or you signed in 12 hours ago. "
    "What you finished before is kept. If you were just sending something, it was not sent."
)
_BROKE = 500


def has_ended(session: SessionBase | Mapping[str, Any], *, at: datetime) -> bool:
    """Whether the time of whoever is signed in with it is over; nobody's session ends by itself."""
    if SESSION_KEY not in session:
        return False
    moment = at.timestamp()
    if moment - session.get(BEGAN, moment) >= LASTS_S:
        return True
    return bool(session.get(RIGHTS)) and moment - session.get(SEEN, moment) >= IDLE_S


def note_rights(request: HttpRequest, members: Sequence[Member]) -> None:
    """What the person may do is what `members` say from now on; the session's number changes when that is new."""
    rights = _rights(request.user, members)
    if request.session.get(RIGHTS) != rights:
        request.session[RIGHTS] = rights


class SessionLife:
    """Ends sessions whose time is over before anything else is done with them, and renews their numbers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if session.session_key and has_ended(session, at=clock.now()):
            session.flush()
            messages.info(request, _TIME_IS_OVER)
        was = _State.of(session)
        response = self._get_response(request)
        if session.accessed and response.status_code < _BROKE:
            _keep_up(request, was, at=clock.now())
        return response


@dataclass(frozen=True, slots=True)
class _State:
    """What of a session makes another number due."""

    key: str | None
    person: str | None
    proofs: Any
    rights: str | None

    @classmethod
    def of(cls, session: SessionBase) -> _State:
        if not session.session_key:
            return cls(None, None, None, None)
        proofs = session.get(AUTHENTICATION_METHODS_SESSION_KEY)
        return cls(session.session_key, session.get(SESSION_KEY), proofs, session.get(RIGHTS))


def _keep_up(request: HttpRequest, was: _State, *, at: datetime) -> None:
    session, moment = request.session, int(at.timestamp())
    person = session.get(SESSION_KEY)
    if person is not None and (person != was.person or BEGAN not in session) and request.user.is_authenticated:
        session[BEGAN] = session[SEEN] = moment
        session[RIGHTS] = _rights(request.user, identity.memberships(request.user.pk))
    elif person is not None and moment - session.get(SEEN, 0) >= SEEN_EVERY_S:
        session[SEEN] = moment
    is_proved = session.get(AUTHENTICATION_METHODS_SESSION_KEY) not in (None, was.proofs)
    may_other = was.rights is not None and session.get(RIGHTS) != was.rights
    if was.key and was.key == session.session_key and (is_proved or may_other):
        actions.renew_session(session=session)


def _rights(person: Any, members: Sequence[Member]) -> str:
    """Empty for somebody who works nowhere."""
    told = sorted(f"{member.merchant_id} {member.role}" for member in members)
    return ", ".join([*told, "operator"] if person.is_operator else told)
