"""Asking for a refund: the case, its verdict and, when policy says yes, its reserved money, in one transaction.

Requests of one company that arrive while others are being written share the next transaction: twenty requests take
the statements of one (docs/decisions/0026). Each has its own answer, and one that fails takes nobody else with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError

from recoup.access import idempotency, tenancy
from recoup.access.idempotency import Question, Stored
from recoup.kernel.crashpoints import crashpoint
from recoup.kernel.errors import Refusal
from recoup.kernel.gathering import Gathering
from recoup.refunds import dossier as dossiers
from recoup.refunds import opening
from recoup.refunds.dossier import Dossier
from recoup.refunds.opening import Opened
from recoup.refunds.requests import RefundRequest, Remember
from recoup.refunds.views import CaseView, view_of

TOGETHER_MAX = 50
NUMBER_TAKEN = "a_case_number_names_one_case"


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


def submit(
    *, request: RefundRequest, merchant_id: UUID, by: str, at: datetime, remember: Remember | None = None
) -> CaseView | Stored:
    """The case exists and is judged; if policy grants it at once, its money is reserved and the vault is woken.

    An order we do not know, or know only from too long ago, is asked for first: the case waits in `verifying_order`.
    With `remember`, the answer's bytes are kept under the key; a repetition gives `Stored` and changes nothing.

    Raises Invalid, NoSuchLine, OnlyInPractice, AlreadyRefunded, idempotency.StillRunning, idempotency.KeyReused.
    """
    return _gather(merchant_id, Submission(request=request, by=by, at=at, remember=remember))


def submit_together(merchant_id: UUID, submissions: Sequence[Submission]) -> list[Answer]:
    """Each submission's answer or the exception that refuses it, as if they had come one after another.

    When the transaction fails, each has one of its own; unless it is the database that is away, for all alike.
    """
    try:
        return _submit_all(submissions, merchant_id=merchant_id)
    except (Refusal, DatabaseError, LookupError, TypeError, ValueError) as problem:
        if _is_number_taken(problem):
            return submit_together(merchant_id, submissions)
        if len(submissions) == 1 or isinstance(problem, OperationalError):
            return [problem for _ in submissions]
    return [submit_together(merchant_id, [alone])[0] for alone in submissions]


def _is_number_taken(problem: Exception) -> bool:
    """True when a case number was drawn that stands already: rare, and a new one is drawn the next time."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    return isinstance(problem, IntegrityError) and getattr(diagnosis, "constraint_name", "") == NUMBER_TAKEN


_gather: Gathering[UUID, Submission, CaseView | Stored] = Gathering(submit_together, most=TOGETHER_MAX)


@tenancy.action
def _submit_all(submissions: Sequence[Submission], *, merchant_id: UUID) -> list[Answer]:
    """All of them in one transaction, or none."""
    dossiers.lock_orders({one.request.order_number for one in submissions}, merchant_id=merchant_id)
    answers: dict[int, Answer] = {}
    left = dict(enumerate(submissions))
    while left:
        answers |= _round(left, merchant_id=merchant_id)
        left = {place: one for place, one in left.items() if place not in answers}
    crashpoint("web_before_commit")
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
