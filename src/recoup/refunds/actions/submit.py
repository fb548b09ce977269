"""Asking for a refund: the case, its verdict and, when policy says yes, its reserved money, in one transaction.

Requests of one company that arrive while others are being written share the next transaction (docs/decisions/0026).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

from django.db import DatabaseError, IntegrityError, OperationalError, close_old_connections

from recoup.access import tenancy
from recoup.access.idempotency import Stored
from recoup.kernel.crashpoints import crashpoint
from recoup.kernel.errors import Refusal
from recoup.kernel.gathering import Gathering
from recoup.refunds import submitting
from recoup.refunds.requests import RefundRequest, Remember
from recoup.refunds.submitting import Answer, Submission
from recoup.refunds.views import CaseView

TOGETHER_MAX = 50
#: Companies that are written at once by one process; a thread that rests is taken before a new one is made.
WRITERS_MAX = 4
NUMBER_TAKEN = "a_case_number_names_one_case"


def submit(
    *, request: RefundRequest, merchant_id: UUID, by: str, at: datetime, remember: Remember | None = None
) -> CaseView | Stored:
    """The case exists and is judged; if policy grants it at once, its money is reserved and the vault is woken.

    An order we do not know, or know only from too long ago, is asked for first: the case waits in `verifying_order`.
    With `remember`, the answer's bytes are kept under the key; a repetition gives `Stored` and changes nothing.

    Raises Invalid, NoSuchLine, OnlyInPractice, AlreadyRefunded, idempotency.StillRunning, idempotency.KeyReused.
    """
    return _gather(merchant_id, Submission(request=request, by=by, at=at, remember=remember))


def _submit_together(merchant_id: UUID, submissions: Sequence[Submission]) -> list[Answer]:
    """Each submission's answer or the exception that refuses it.

    When the transaction fails, each has one of its own; unless it is the database that is away, for all alike.
    """
    try:
        return _submit_all(submissions, merchant_id=merchant_id)
    except (Refusal, DatabaseError, LookupError, TypeError, ValueError) as problem:
        if _is_number_taken(problem):
            return _submit_together(merchant_id, submissions)
        if len(submissions) == 1 or isinstance(problem, OperationalError):
            return [problem for _ in submissions]
    return [_submit_together(merchant_id, [alone])[0] for alone in submissions]


def _is_number_taken(problem: Exception) -> bool:
    """True when a case number was drawn that stands already: rare, and a new one is drawn the next time."""
    diagnosis = getattr(problem.__cause__, "diag", None)
    return isinstance(problem, IntegrityError) and getattr(diagnosis, "constraint_name", "") == NUMBER_TAKEN


@tenancy.action
def _submit_all(submissions: Sequence[Submission], *, merchant_id: UUID) -> list[Answer]:
    answers = submitting.answer_all(submissions, merchant_id=merchant_id)
    crashpoint("web_before_commit")
    return answers


def _write(merchant_id: UUID, submissions: Sequence[Submission]) -> list[Answer]:
    """On a thread of its own, whose connection has been here before: its statements are planned, its tables known."""
    return _writers.submit(_on_a_writer, merchant_id, submissions).result()


def _on_a_writer(merchant_id: UUID, submissions: Sequence[Submission]) -> list[Answer]:
    close_old_connections()
    return _submit_together(merchant_id, submissions)


_writers = ThreadPoolExecutor(max_workers=WRITERS_MAX, thread_name_prefix="writer")
_gather: Gathering[UUID, Submission, CaseView | Stored] = Gathering(_write, most=TOGETHER_MAX)
