"""What ends with somebody's sign-in, at once and everywhere; part of the actions by which people leave."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from recoup.identity.models import Device, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How many sessions and apps' tokens ended, and how many second factors prove nothing any more; of a company that
    they left also how many API keys, and how many invitations that they had sent.
    """

    sessions: int = 0
    tokens: int = 0
    second_factors: int = 0
    keys: int = 0
    invitations: int = 0


def end_sign_ins(*, person_id: UUID, proofs_too: bool) -> Ended:
    """Every browser and every app has to sign the person in anew; with `proofs_too` they have nothing left to do it
    with but a code to their address.
    """
    theirs = [
        session.session_key
        for session in Session.objects.iterator()
        if session.get_decoded().get(SESSION_KEY) == str(person_id)
    ]
    sessions, _ = Session.objects.filter(session_key__in=theirs).delete()
    UserSession.objects.filter(user_id=person_id).delete()
    Device.objects.filter(person_id=person_id).delete()
    tokens, _ = Token.objects.filter(user_id=person_id).delete()
    if not proofs_too:
        return Ended(sessions=sessions, tokens=tokens)
    second_factors, _ = Authenticator.objects.filter(user_id=person_id).delete()
    person = Person.objects.get(id=person_id)
    person.set_unusable_password()
    Person.objects.filter(id=person_id).update(password=person.password)
    return Ended(sessions=sessions, tokens=tokens, second_factors=second_factors)
