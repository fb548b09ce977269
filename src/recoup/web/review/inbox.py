"""The inbox: which cases somebody asked to see, and by when each should have been looked at, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest

from recoup.refunds import queries as cases
from recoup.refunds.policy.reasons import Reason
from recoup.refunds.queries import Sought, Waiting, Wanted
from recoup.refunds.states import CaseState
from recoup.web.review.view_models import Deadline, Filter
from recoup.web.shopper import reasons

PAGE = 50
WORDS_MAX = 254
FILTERS = {
    CaseState.IN_REVIEW.value: "Needs a person",
    CaseState.NEEDS_EVIDENCE.value: "Waits for the shopper",
    CaseState.AWAITING_RETURN.value: "Waits for the goods",
    CaseState.VERIFYING_ORDER.value: "Waits for the order",
    "all": "All",
}
_SOUGHT_FOR = timedelta(days=3 * 366)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
#: Deadlines further away than this are told by their date alone.
_NEAR = 3 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """What the address asks for: a state (or all), a reason, only late ones; or a number as a whole."""

    shown: str
    reason: str
    only_late: bool
    words: str

    @property
    def heading(self) -> str:
        if self.words:
            return "Cases that fit"
        if self.shown == CaseState.IN_REVIEW:
            return "Cases that need a person"
        return f"Cases: {FILTERS[self.shown].lower()}"

    @property
    def filters(self) -> list[Filter]:
        """The states to choose from; none is chosen while something is looked for by its number."""
        return [
            Filter(code=code, words=words, is_chosen=code == self.shown and not self.words)
            for code, words in FILTERS.items()
        ]

    @property
    def reasons(self) -> list[Filter]:
        """The reasons to choose from."""
        return [Filter(code=one.value, words=reasons.in_words(one), is_chosen=one == self.reason) for one in Reason]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.reason or self.only_late)


def looking(request: HttpRequest) -> Looking:
    """What the address asks for; what nobody could choose counts as not said."""
    shown, reason = request.GET.get("show", CaseState.IN_REVIEW.value), request.GET.get("reason", "")
    return Looking(
        shown=shown if shown in FILTERS else CaseState.IN_REVIEW.value,
        reason=reason if reason in set(Reason) else "",
        only_late=request.GET.get("late") == "1" and shown != "all",
        words=request.GET.get("q", "").replace("\x00", "").strip()[:WORDS_MAX],
    )


def found(wanted: Looking, request: HttpRequest, *, merchant_id: UUID, at: datetime) -> tuple[list[Waiting], str]:
    """The cases that fit, and the address of the next ones, if there are more."""
    if wanted.words:
        return _by_words(wanted, merchant_id=merchant_id, at=at), ""
    if wanted.shown == "all":
        return _all(wanted, request, merchant_id=merchant_id)
    sought = Sought(state=wanted.shown, reason=wanted.reason, only_late=wanted.only_late)
    return cases.inbox(merchant_id=merchant_id, sought=sought, at=at), ""


def deadline(waiting: Waiting, *, at: datetime) -> Deadline | None:
    """By when, in words, and how much of the time is used; None when nothing is due."""
    if waiting.due_at is None:
        return None
    left, whole = waiting.due_at - at, waiting.due_at - waiting.since
    used = 100 - round(100 * left / whole) if whole > timedelta(0) else 100
    is_ours = waiting.case.state == CaseState.IN_REVIEW
    if left < timedelta(0):
        words = f"{_spoken(-left)} late" if is_ours else "Any moment now"
    else:
        words = f"{_spoken(left)} left" if left < _NEAR else ""
    return Deadline(
        at=waiting.due_at,
        words=words,
        used_percent=min(100, max(0, used)),
        is_late=is_ours and left < timedelta(0),
    )


def _by_words(wanted: Looking, *, merchant_id: UUID, at: datetime) -> list[Waiting]:
    """Whatever its state: who types a number wants that case."""
    sought = Wanted(since=at - _SOUGHT_FOR, until=at + _DAY, words=wanted.words)
    found = cases.search_cases(merchant_id=merchant_id, wanted=sought, limit=PAGE)
    return cases.as_waiting(found, merchant_id=merchant_id)


def _all(wanted: Looking, request: HttpRequest, *, merchant_id: UUID) -> tuple[list[Waiting], str]:
    try:
        before = UUID(request.GET["before"]) if "before" in request.GET else None
    except ValueError:
        raise Http404 from None
    listed = cases.page_of_cases(merchant_id=merchant_id, before=before, limit=PAGE + 1, reason=wanted.reason or None)
    more = {"show": "all", "reason": wanted.reason, "before": str(listed[PAGE - 1].id)} if len(listed) > PAGE else {}
    next_url = f"/review?{urlencode({name: value for name, value in more.items() if value})}" if more else ""
    return cases.as_waiting(listed[:PAGE], merchant_id=merchant_id), next_url


def _spoken(span: timedelta) -> str:
    """`2 days`, `5 hours`, `12 minutes`: whole ones, at least a minute."""
    for name, unit in (("day", _DAY), ("hour", _HOUR)):
        if span >= 2 * unit:
            return f"{span // unit} {name}s"
    if span >= _HOUR:
        return f"{span // _MINUTE} minutes" if span < _HOUR + _HOUR / 2 else "1 hour"
    many = max(1, span // _MINUTE)
    return f"{many} minute{'' if many == 1 else 's'}"
