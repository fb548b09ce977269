"""The draft of a company's refund policy: rows are added, changed, moved and taken away; it decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.access.resources import Company
from recoup.kernel.clock import now
from recoup.kernel.errors import Invalid, NotFound
from recoup.merchants import actions as merchants
from recoup.merchants import queries as companies
from recoup.refunds.policy import PolicyRefused, current_floors, read_policy, sheets
from recoup.refunds.policy.findings import findings_of
from recoup.refunds.policy.law_check import lifted_by_law
from recoup.refunds.policy.schema import TABLES
from recoup.refunds.policy.templates import TEMPLATES
from recoup.web.staff import policy_run, policy_words
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.policy import document_of
from recoup.web.staff.policy_try import TryForm

HERE = "/staff/policy/draft"
WORDS_MAX = 200
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
DONE = {
    "begun": "The draft has begun. It decides nothing until you let it.",
    "kept": "Kept in the draft.",
    "run": "Past cases were tried. Nothing was changed, and nobody was told.",
}


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("policy:draft")
def draft(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The draft with what may be done to it; without one, what it could begin from."""
    desk.need("policy:draft", Company(desk.company.id))
    found = companies.policy_draft(merchant_id=desk.company.id)
    if request.method == "POST":
        return _done(request, desk, found)
    if found is None:
        context = {"company": desk.company, "staff_name": desk.name, "templates": TEMPLATES, "version": _now(desk)}
        return render(request, "staff/policy/begin.html", context)
    return _page(request, desk, found)


def _done(request: HttpRequest, desk: Desk, found: companies.Draft | None) -> HttpResponse:
    deed = request.POST.get("deed", "")
    if any("\0" in value for value in request.POST.values()):
        raise Invalid("That holds a character that is none")
    if deed == "begin":
        return _begin(request, desk)
    if found is None:
        raise NotFound("There is no draft any more")
    revision = revision_in(request.POST.get("revision", ""))
    if deed == "drop":
        merchants.drop_policy_draft(merchant_id=desk.company.id, revision=revision)
        return redirect("/staff/policy?done=dropped")
    if deed == "run":
        policy_run.step(merchant_id=desk.company.id, draft=found, at=now())
        return redirect(f"{HERE}?done=run#past")
    change = _CHANGES.get(deed)
    if change is None:
        raise Invalid("There is nothing of that name to do with a draft")
    table = request.POST.get("table", "")
    if table not in TABLES:
        raise NotFound("There is no such table")
    changed = change(found.document, table, request.POST)
    try:
        read_policy(changed)
    except PolicyRefused as refused:
        return _page(request, desk, found, refused=refused)
    merchants.draft_policy(
        merchant_id=desk.company.id, document=changed, revision=max(revision, 1), by=desk.actor, at=now()
    )
    return redirect(f"{HERE}?table={table}&done=kept#table-{table}")


def _begin(request: HttpRequest, desk: Desk) -> HttpResponse:
    begun_from = request.POST.get("from", "")
    version = companies.policy_now(merchant_id=desk.company.id)
    if begun_from in TEMPLATES:
        document, based_on = TEMPLATES[begun_from].document(), 0
    else:
        document, based_on = dict(document_of(version)), version.number
    merchants.draft_policy(
        merchant_id=desk.company.id, document=document, revision=0, based_on=based_on, by=desk.actor, at=now()
    )
    return redirect(f"{HERE}?done=begun")


def _row(document: Mapping[str, Any], table: str, told: Mapping[str, str]) -> dict[str, Any]:
    words = told.get("words", "").strip()[:WORDS_MAX]
    sheet = sheets.sheet_of(document, table)
    row_id = told.get("row", "") or _new_id(words, sheet)
    cells = {column.field: told.get(f"cell-{column.field}", "") for column in sheet.columns}
    return sheets.with_row(document, table, row_id=row_id, words=words, cells=cells)


def _new_id(words: str, sheet: sheets.Sheet) -> str:
    begins = _NO_LETTERS.sub("_", words.lower()).strip("_")[:40] or "row"
    return next(name for name in (begins, *(f"{begins}_{n}" for n in range(2, 1000))) if sheet.place(name) is None)


def _question(document: Mapping[str, Any], table: str, told: Mapping[str, str]) -> dict[str, Any]:
    field = told.get("field", "")
    if field not in {column.field for column in sheets.questions_left(sheets.sheet_of(document, table))}:
        raise Invalid("This table cannot ask that, or asks it already")
    return sheets.with_question(document, table, field)


_CHANGES: dict[str, Callable[[Mapping[str, Any], str, Mapping[str, str]], dict[str, Any]]] = {
    "row": _row,
    "question": _question,
    "up": lambda document, table, told: sheets.with_row_moved(document, table, row_id=told.get("row", ""), by=-1),
    "down": lambda document, table, told: sheets.with_row_moved(document, table, row_id=told.get("row", ""), by=1),
    "remove": lambda document, table, told: sheets.without_row(document, table, row_id=told.get("row", "")),
}


def _page(
    request: HttpRequest, desk: Desk, found: companies.Draft, *, refused: PolicyRefused | None = None
) -> HttpResponse:
    policy = read_policy(found.document)
    asked = request.POST if refused else request.GET
    name = asked.get("table", "") if asked.get("table", "") in TABLES else "window"
    sheet = sheets.sheet_of(found.document, name)
    trying = TryForm(
        request.GET if "try-reason" in request.GET else None, currency=desk.company.currency, initial=USUAL
    )
    context = {
        "company": desk.company,
        "staff_name": desk.name,
        "draft": found,
        "title": policy.title,
        "table": policy_words.table_shown(sheet, findings=findings_of(found.document)),
        "places": [(one, policy_words.TITLES[one][0], one == name) for one in TABLES],
        "edits": True,
        "fields": _fields(request, sheet, refused),
        "row": _row_at_hand(request, sheet, refused),
        "questions_left": sheets.questions_left(sheet),
        "refused": refused.problems if refused else (),
        "law": lifted_by_law(policy=policy, floors=current_floors(), at=now()),
        "run": policy_run.shown(found),
        "is_tried": policy_run.is_finished(found, now=_now(desk).number),
        "form": trying,
        "tried": trying.tried(policy, at=now()) if trying.is_bound and trying.is_valid() else None,
        "done": DONE.get(request.GET.get("done", ""), ""),
    }
    is_wrong = refused is not None or bool(trying.is_bound and trying.errors)
    return render(request, "staff/policy/draft.html", context, status=422 if is_wrong else 200)


USUAL = {"reason": "changed_mind", "amount": "50", "days": 10, "kind": "goods", "country": "SG", "photos": 0}


def _row_at_hand(request: HttpRequest, sheet: sheets.Sheet, refused: PolicyRefused | None) -> dict[str, str]:
    """The row in the form: the one that is asked for, what was typed, or a new one."""
    if refused and request.POST.get("deed") == "row":
        return {"id": request.POST.get("row", ""), "words": request.POST.get("words", "")}
    row = next((row for row in sheet.rows if row.row_id == request.GET.get("row", "")), None)
    return {"id": row.row_id, "words": row.words} if row else {"id": "", "words": ""}


def _fields(request: HttpRequest, sheet: sheets.Sheet, refused: PolicyRefused | None) -> list[dict[str, Any]]:
    row = next((row for row in sheet.rows if row.row_id == request.GET.get("row", "")), None)
    is_typed = refused is not None and request.POST.get("deed") == "row"
    found = []
    for column in sheet.columns:
        value = request.POST.get(f"cell-{column.field}", "") if is_typed else row.cells[column.field] if row else ""
        choices = ("yes", "no") if column.type == "yes_or_no" else column.choices
        is_choice = column.type == "yes_or_no" or (bool(choices) and not column.is_question and column.type == "text")
        listed = ", ".join(choices) if choices and not is_choice else ""
        found.append(
            {
                "column": column,
                "value": value,
                "choices": tuple(filter(None, choices)) if is_choice else (),
                "of": listed,
            }
        )
    return found


def _now(desk: Desk) -> companies.PolicyNow:
    return companies.policy_now(merchant_id=desk.company.id)


def revision_in(typed: str) -> int:
    """The revision that a form names; 0, which no draft has, when it names none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 9 else 0
