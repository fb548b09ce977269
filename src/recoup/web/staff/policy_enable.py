"""A policy is let to decide: the draft, once past cases were tried with it, or an earlier version again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.access.resources import Company
from recoup.kernel.clock import now
from recoup.kernel.errors import NotFound, Refusal
from recoup.merchants import actions as merchants
from recoup.merchants import queries as companies
from recoup.merchants.actions.decide_by_policy import NOTE_MAX
from recoup.refunds.policy import read_policy
from recoup.web.staff import policy_draft, policy_run
from recoup.web.staff.desk import Desk, at_desk
from recoup.web.staff.policy import document_of


class NotTriedYet(Refusal):
    """A draft decides nothing before it was run over past cases."""

    code = "not_tried_yet"
    title = "Try the draft on past cases first"


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk("policy:enable")
def enable(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What will decide, and why: nothing is enabled without a reason and a recent proof."""
    desk.need("policy:enable", Company(desk.company.id))
    asked = request.POST.get("version", "") if request.method == "POST" else request.GET.get("version", "")
    if not asked and companies.policy_draft(merchant_id=desk.company.id) is None:
        return redirect(policy_draft.HERE)
    document, revision, what = _chosen(desk, asked)
    note = request.POST.get("note", "").replace("\0", "").strip()
    if request.method != "POST" or not 0 < len(note) <= NOTE_MAX:
        context: dict[str, Any] = {
            "company": desk.company,
            "staff_name": desk.name,
            "what": what,
            "version": asked,
            "revision": revision,
            "note": note,
            "is_wrong": request.method == "POST",
        }
        return render(request, "staff/policy/enable.html", context, status=422 if context["is_wrong"] else 200)
    if revision is not None:
        revision = policy_draft.revision_in(request.POST.get("revision", ""))
    newest = companies.past_policies(merchant_id=desk.company.id, limit=1)
    named = {**document, "version": f"{desk.company.slug[:50]}-{newest[0].number + 1 if newest else 1}"}
    merchants.decide_by_policy(
        merchant_id=desk.company.id,
        document=named,
        content_hash=read_policy(named).sha256,
        note=note,
        by=desk.actor,
        at=now(),
        draft_revision=revision,
    )
    return redirect("/staff/policy?done=enabled")


def _chosen(desk: Desk, asked: str) -> tuple[dict[str, Any], int | None, str]:
    """The document, the draft's revision if it is the draft, and what it is called."""
    if asked:
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 6):
            raise NotFound("There is no such version of your policy")
        version = companies.policy_numbered(merchant_id=desk.company.id, number=int(asked))
        what = f"version {version.number}" if version.number else "Recoup's default tables"
        return dict(document_of(version)), None, what
    draft = companies.policy_draft(merchant_id=desk.company.id)
    if draft is None:
        raise NotFound("There is no draft that could decide")
    if not policy_run.is_finished(draft, now=companies.policy_now(merchant_id=desk.company.id).number):
        raise NotTriedYet("Run it over your past cases, look at what would be different, then let it decide")
    return draft.document, draft.revision, "your draft"
