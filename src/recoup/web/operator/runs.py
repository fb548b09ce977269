"""The run of any case, drawn as its state graph, with times; nothing of the shopper, the goods or the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from recoup.kernel import ids
from recoup.kernel.errors import NotFound
from recoup.merchants import queries as merchants
from recoup.operations import queries as operations
from recoup.operations.queries import Answered, Run
from recoup.refunds import queries as cases
from recoup.web.operator import graph, health, wording
from recoup.web.operator.console import READ, Console, at_console

NUMBER_MAX = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the provider said at one call."""

    at: datetime
    attempt: int
    words: str
    taken_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One run on the page: the picture, the same as a list, and what is to be known besides. `name`: an id in HTML."""

    name: str
    title: str
    told: str
    picture: graph.Graph
    steps: list[graph.Told]
    replies: tuple[Reply, ...]
    facts: tuple[tuple[str, str], ...]
    next_at: datetime | None
    parked_at: datetime | None
    run_again_url: str


@require_safe
@at_console(READ)
def find(request: HttpRequest, console: Console) -> HttpResponse:
    """Which case? By its number."""
    typed = request.GET.get("number", "").strip()[:NUMBER_MAX]
    number = ids.read_case_number(typed) or ""
    if number and cases.find_by_number(number) is not None:
        return redirect(f"/operator/cases/{number}")
    problem = "There is no case with that number. It looks like RC-8QK3-M2TV-F." if typed else ""
    context = {"staff_name": console.name, "number": typed, "problem": problem}
    return render(request, "operator/find.html", context, status=404 if problem else 200)


@require_safe
@at_console(READ)
def show(request: HttpRequest, console: Console, number: str) -> HttpResponse:
    """One case and its payments, each as a picture and as a list. Raises NotFound."""
    found = cases.find_by_number(number)
    if found is None:
        raise NotFound("There is no such case")
    merchant_id, case_id = found
    runs = operations.run_of_case(merchant_id=merchant_id, case_id=case_id)
    context = {
        "staff_name": console.name,
        "number": number,
        "company": merchants.by_id(merchant_id),
        "runs": [drawn(run, place, merchant_id=merchant_id) for place, run in enumerate(runs)],
        "done": "It runs again." if "done" in request.GET else "",
    }
    return render(request, "operator/run.html", context)


def drawn(run: Run, place: int, *, merchant_id: UUID) -> Drawn:
    """The run as the page shows it; `place` 0 is the case itself."""
    told = graph.in_words(run)
    title = "The case" if run.queue == "cases" else f"Payment {place}"
    return Drawn(
        name=f"run-{place}",
        title=title,
        told=_in_one_sentence(title, told),
        picture=graph.of_run(run),
        steps=told,
        replies=tuple(map(_reply, run.answers)),
        facts=tuple(_facts(run)),
        next_at=run.next_at,
        parked_at=run.parked_at,
        run_again_url=health.address(run.queue, merchant_id, run.id) if run.parked_at else "",
    )


def _in_one_sentence(title: str, told: Sequence[graph.Told]) -> str:
    if not told:
        return f"{title} has not moved yet."
    way = ", then ".join(step.words.lower() for step in told)
    return f"{title} was in {len(told)} state{'' if len(told) == 1 else 's'}: {way}."


def _reply(said: Answered) -> Reply:
    words = wording.plain(said.outcome)
    return Reply(
        at=said.at,
        attempt=said.epoch + 1,
        words=f"{words} ({said.failure_code})" if said.failure_code else words,
        taken_in=wording.took(said.taken_in) if said.taken_in is not None else "not taken in yet",
    )


def _facts(run: Run) -> list[tuple[str, str]]:
    told = []
    if run.waits_for:
        told.append(("Waits for", wording.plain(run.waits_for)))
    if run.tries:
        told.append(("Tries without an end", str(run.tries)))
    if run.attempts > 1:
        told.append(("Attempt", str(run.attempts)))
    return told
