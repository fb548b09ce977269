"""Several requests for refunds in one transaction: cases, verdicts and the money that policy grants at once.

Twenty requests take the statements of one (docs/decisions/0026). Each has its own answer, and one that fails takes
nobody else with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from recoup.access import idempotency
from recoup.access.idempotency import Question, Stored
from recoup.kernel.errors import Refusal
from recoup.refunds import dossier as dossiers
from recoup.refunds import opening
from recoup.refunds.dossier import Dossier
from recoup.refunds.opening import Opened
from recoup.refunds.requests import RefundRequest, Remember
from recoup.refunds.views import CaseView, view_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One request, who brought it and when."""

    request: RefundRequest
    by: str
    at: datetime
    remember: Remember | None

    @property
    def question(self) -> Question | None:
        if self.remember is None:
            return None
        return Question(key=self.remember.key, request_hash=self.remember.request_hash)


Answer = CaseView | Stored | Exception


def answer_all(submissions: Sequence[Submission], *, merchant_id: UUID) -> list[Answer]:
    """Each submission's answer or the refusal, as if they had come one after another. All are written, or none.

    Raises what the database refuses; the transaction must then end without a commit.
    """
    assert connection.in_atomic_block, "requests are answered in one transaction"  # noqa: S101
    dossiers.lock_orders({one.request.order_number for one in submissions}, merchant_id=merchant_id)
    answers: dict[int, Answer] = {}
    left = dict(enumerate(submissions))
    while left:
        answers |= _round(left, merchant_id=merchant_id)
        left = {place: one for place, one in left.items() if place not in answers}
    return [answers[place] for place in range(len(submissions))]


def _round(left: dict[int, Submission], *, merchant_id: UUID) -> dict[int, Answer]:
    """Answers to as many as do not depend on each other. A second request with the same key, for the same order, of the
    same shopper or with photos is left for the next round, which sees what this one wrote.
    """
    asked = _first_of_each_key(left)
    keyed = [(place, one.question) for place, one in asked.items()]
    questions = [question for _, question in keyed if question is not None]
    known = iter(idempotency.begin(questions, merchant_id=merchant_id))
    answers: dict[int, Answer] = {}
    for place, question in keyed:
        told = next(known) if question is not None else None
        if told is not None:
            answers[place] = told
    fresh = [(place, one) for place, one in asked.items() if place not in answers]
    opened: dict[int, Opened] = {}
    for place, one, dossier in _independent(fresh, merchant_id=merchant_id):
        try:
            opened[place] = opening.open_case(one.request, dossier, by=one.by, at=one.at)
        except Refusal as refusal:
            answers[place] = refusal
    opening.write_together(list(opened.values()))
    views = {place: view_of(one.case) for place, one in opened.items()}
    _remember([(left[place], view) for place, view in views.items()], merchant_id=merchant_id)
    return answers | views


def _remember(answered: Sequence[tuple[Submission, CaseView]], *, merchant_id: UUID) -> None:
    kept = []
    for one, view in answered:
        if one.remember is not None and one.question is not None:
            kept.append((one.question, Stored(one.remember.status, one.remember.render(view))))
    if kept:
        idempotency.end(kept, merchant_id=merchant_id, at=max(one.at for one, _ in answered))


def _first_of_each_key(left: dict[int, Submission]) -> dict[int, Submission]:
    firsts: dict[object, int] = {}
    for place, one in left.items():
        firsts.setdefault(one.remember.key if one.remember else place, place)
    return {place: left[place] for place in firsts.values()}


def _independent(
    fresh: Sequence[tuple[int, Submission]], *, merchant_id: UUID
) -> list[tuple[int, Submission, Dossier]]:
    if not fresh:
        return []
    numbers = [one.request.order_number for _, one in fresh]
    read = dossiers.read_all(numbers, merchant_id=merchant_id, at=fresh[0][1].at)
    taken: set[str] = set()
    found = []
    for (place, one), dossier in zip(fresh, read, strict=True):
        names = {f"order {one.request.order_number}"}
        if dossier.order is not None:
            names.add(f"shopper {dossier.order.email}")
        if one.request.photos:
            names.add("photos")
        if names & taken:
            continue
        taken |= names
        found.append((place, one, dossier))
    return found
