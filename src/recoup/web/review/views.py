"""The list of cases that need a person, one case, and its photos."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recoup.access import tenancy
from recoup.kernel.clock import now
from recoup.kernel.errors import NotFound
from recoup.refunds import queries as cases
from recoup.refunds.views import CaseView
from recoup.web.review import inbox, reading, second_person, things, verbs
from recoup.web.shopper import photos
from recoup.web.shopper.companies import as_card
from recoup.web.staff.desk import Desk, at_desk


@require_safe
@at_desk("cases:read")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What waits, the most urgent first; or all cases, newest first; or those that a number finds."""
    wanted, at = inbox.looking(request), now()
    with tenancy.reading(merchant_id=desk.company.id):
        listed, next_url = inbox.found(wanted, request, merchant_id=desk.company.id, at=at)
        said_yes = cases.who_said_yes(merchant_id=desk.company.id, case_ids=[one.case.id for one in listed])
        most_urgent = cases.most_urgent(merchant_id=desk.company.id, at=at)
    context = {
        "company": as_card(desk.company),
        "staff_name": desk.name,
        "looking": wanted,
        "rows": [reading.row(one, at=at, said_yes=said_yes.get(one.case.id, "")) for one in listed],
        "limit_words": second_person.limit_words(desk, at=at) if desk.may("cases:approve") else "",
        "most_urgent": most_urgent,
        "next_url": next_url,
    }
    return render(request, "review/list.html", context)


@require_safe
@at_desk("cases:read")
def show(request: HttpRequest, desk: Desk, number: str) -> HttpResponse:
    """One case with everything a decision needs."""
    case = case_of(desk, number)
    done = request.GET.get("done", "")
    verb = verbs.ALL.get(done)
    with tenancy.reading(merchant_id=desk.company.id):
        told = reading.case_desk(case, desk, at=now())
        most_urgent = cases.most_urgent(merchant_id=desk.company.id, at=now(), but=case.id)
    context = {
        "case": told,
        "company": desk.company,
        "staff_name": desk.name,
        "most_urgent": most_urgent,
        "done": second_person.KEPT if done == second_person.HALF_DONE else verb.done if verb else "",
    }
    return render(request, "review/case.html", context)


@require_safe
@at_desk("cases:photos")
def photo(request: HttpRequest, desk: Desk, number: str, photo_id: UUID) -> HttpResponse:  # noqa: ARG001 - Django's
    """A photo of a case, for the company's own staff only."""
    case = case_of(desk, number)
    desk.need("cases:photos", things.of_case(case))
    kept = cases.photos_of_case(merchant_id=desk.company.id, case_id=case.id)
    found = next((one for one in kept if one.id == photo_id), None)
    if found is None:
        raise Http404
    return photos.answer(found.file_key)


def case_of(desk: Desk, number: str) -> CaseView:
    """The case, when it is the desk's company's. Raises NotFound, NotAllowed."""
    found = cases.find_by_number(number)
    if found is None or found[0] != desk.company.id:
        raise NotFound("There is no such case")
    case = cases.case_by_id(merchant_id=desk.company.id, case_id=found[1])
    desk.need("cases:read", things.of_case(case))
    return case
