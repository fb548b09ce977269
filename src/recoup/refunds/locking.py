"""Taking a case for a change: row lock first, then the move is checked against the table of moves."""

from __future__ import annotations

from uuid import UUID

from recoup.kernel.errors import NotFound, Refusal
from recoup.refunds.models import Case
from recoup.refunds.states import MOVES, CaseState


class MoveNotAllowed(Refusal):
    """The case has moved on, or never could do this. `extra["state"]` is where it stands now."""

    code = "move_not_allowed"
    title = "The case does not allow this now"


def case_for_update(case_id: UUID) -> Case:
    """The case, locked until the transaction ends. Raises NotFound.

    Whoever takes it moves it on: what a worker failed at before counts no more, and a parked case is parked no longer
    once it is saved.
    """
    case = Case.objects.select_for_update(no_key=True, of=("self",)).filter(id=case_id).first()
    if case is None:
        raise NotFound("There is no such case")
    case.parked_at, case.tries = None, 0
    return case


def must_allow(case: Case, *targets: CaseState) -> None:
    """Nothing happens when one of the moves is in the table. Raises MoveNotAllowed with the present state."""
    if not MOVES[CaseState(case.state)] & set(targets):
        raise MoveNotAllowed(
            f"The case is {case.state.replace('_', ' ')}, and cannot become {targets[0].replace('_', ' ')}",
            state=case.state,
        )
