"""What the JSON API asks before it does anything for somebody who has shown who they are: have they had enough?"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from recoup.access import limits, limits_rules, origins
from recoup.access.principals import Kind, Principal
from recoup.kernel.errors import Refusal

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NotFromHere(Refusal):
    """A browser sent its cookies along from a page of another site, or does not say from where."""

    code = "ACCESS_DENIED"
    status = 403
    title = "That came from another site; nothing was done"


def enter(request: HttpRequest, who: Principal, *, at: datetime) -> None:
    """The request is counted for the key, for its company, and for what it wants to do.

    Raises limits.RateLimited, origins.OriginNotAllowed, NotFromHere.
    """
    request.limits_asker = who  # type: ignore[attr-defined]
    if "HTTP_ORIGIN" in request.META or (who.kind is Kind.PERSON and "HTTP_AUTHORIZATION" not in request.META):
        _must_come_from_a_friend(request, who, at)
    spent = spent_by(request)
    key_id = who.id if who.kind is Kind.KEY else None
    for bucket, subject in _buckets(request, who):
        is_keys = bucket in limits_rules.OF_KEYS
        verdict = limits.spend(
            bucket=bucket, subject=subject, at=at, merchant_id=who.merchant_id, key_id=key_id if is_keys else None
        )
        spent.append(verdict)
        verdict.or_refuse()


def refused(request: HttpRequest, *, at: datetime) -> None:
    """Somebody showed something that opens nothing. Raises limits.RateLimited for whoever does it all day."""
    verdict = limits.spend(bucket="api.refused", subject=address_of(request), at=at)
    if not verdict.is_allowed:
        spent_by(request).append(verdict)
        verdict.or_refuse()


def address_of(request: HttpRequest) -> str:
    """The client's address (or network) as limits count it."""
    known: str | None = getattr(request, "client_network", None)
    return known if known is not None else limits.network_of(request.META.get("REMOTE_ADDR", ""))


def spent_by(request: HttpRequest) -> list[limits.Verdict]:
    """What this request was counted for, for the headers of its answer."""
    verdicts: list[limits.Verdict] | None = getattr(request, "limits_spent", None)
    if verdicts is None:
        verdicts = request.limits_spent = []  # type: ignore[attr-defined]
    return verdicts


def _buckets(request: HttpRequest, who: Principal) -> list[tuple[str, str]]:
    whose = str(who.id)
    found = [("api.guest" if who.kind is Kind.GUEST else "api.key", whose)]
    if request.method not in SAFE:
        found.append(("api.writes", whose))
    if who.merchant_id is not None:
        company = str(who.merchant_id)
        found += (("api.company", company), ("api.company.day", company))
        if request.path_info.endswith("/bulk"):
            found.append(("api.bulk", company))
    return found


def _must_come_from_a_friend(request: HttpRequest, who: Principal, at: datetime) -> None:
    origin = request.META.get("HTTP_ORIGIN")
    if origin == own_origin():
        return
    if "HTTP_AUTHORIZATION" not in request.META:
        if request.method not in SAFE and request.META.get("HTTP_SEC_FETCH_SITE") != "same-origin":
            raise NotFromHere
        return
    if who.merchant_id is None or not origins.is_allowed(origin or "", merchant_id=who.merchant_id, at=at):
        raise origins.OriginNotAllowed


def own_origin() -> str:
    """Where our own pages stand."""
    parts = urlsplit(settings.PUBLIC_URL)
    return f"{parts.scheme}://{parts.netloc}"
