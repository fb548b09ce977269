"""What operators do: each deed is asked about on a page of its own, needs a fresh proof, and is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from recoup.kernel import ids
from recoup.kernel.clock import now
from recoup.kernel.errors import NotFound
from recoup.merchants import queries as merchants
from recoup.operations import actions
from recoup.operations import queries as operations
from recoup.web.operator import wording
from recoup.web.operator.console import RUN, Console, at_console

STOP = ("provider_down", "suspicion", "company_asked", "drill")
START = ("mended", "company_asked", "drill")
GIVE_BADGE = ("papers_checked",)
TAKE_BADGE = ("papers_missing", "suspicion", "company_asked")


class Why(forms.Form):
    """Why it is done: one of some reasons, so that nobody's name gets into the history."""

    why = forms.ChoiceField(label="Why", widget=forms.Select)

    def __init__(self, *args: object, choices: tuple[str, ...], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["why"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the types apart
        field.choices = [("", "Please choose")] + [(code, wording.WHYS[code]) for code in choices]
        field.error_messages["required"] = "Please say why; it is kept with what you did."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A deed before it is done: what will happen, in words, and where one goes back to."""

    title: str
    words: tuple[str, ...]
    button: str
    back: str
    back_words: str
    is_grave: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@at_console(RUN)
def rail(request: HttpRequest, console: Console, slug: str, rail_account_id: UUID) -> HttpResponse:
    """Payments by one account of the company are stopped, or go on: whichever it is not now. Raises NotFound."""
    company = merchants.by_slug(slug)
    found = next((one for one in operations.rails(merchant_id=company.id) if one.id == rail_account_id), None)
    if found is None:
        raise NotFound("There is no such account")
    back = f"/operator/companies/{company.slug}"
    question = _STOP if found.is_enabled else _START
    asked = Question(
        title=question.title.format(company=company.name, label=found.label),
        words=question.words,
        button=question.button,
        back=back,
        back_words=company.name,
        is_grave=found.is_enabled,
    )

    def do(why: str) -> str:
        actions.switch_rail(
            merchant_id=company.id,
            rail_account_id=rail_account_id,
            is_on=not found.is_enabled,
            why=why,
            by=console.actor,
            at=now(),
        )
        return f"{back}?done={'off' if found.is_enabled else 'on'}"

    return _asked(request, console, asked, choices=STOP if found.is_enabled else START, do=do)


@require_http_methods(["GET", "HEAD", "POST"])
@at_console(RUN)
def badge(request: HttpRequest, console: Console, slug: str) -> HttpResponse:
    """The company gets the verified badge, or loses it: whichever it is not now. Raises NotFound."""
    company = merchants.by_slug(slug)
    back = f"/operator/companies/{company.slug}"
    question = _TAKE if company.is_verified else _GIVE
    asked = Question(
        title=question.title.format(company=company.name),
        words=question.words,
        button=question.button,
        back=back,
        back_words=company.name,
        is_grave=company.is_verified,
    )

    def do(why: str) -> str:
        actions.verify_company(
            merchant_id=company.id, is_verified=not company.is_verified, why=why, by=console.actor, at=now()
        )
        return f"{back}?done={'unverified' if company.is_verified else 'verified'}"

    return _asked(request, console, asked, choices=TAKE_BADGE if company.is_verified else GIVE_BADGE, do=do)


@require_http_methods(["GET", "HEAD", "POST"])
@at_console(RUN)
def run_again(request: HttpRequest, console: Console, queue: str, company_id: UUID, key: str) -> HttpResponse:
    """One piece of work is due again. Raises NotFound, and NotParked when it runs already."""
    company = merchants.by_id(company_id)
    if queue not in wording.QUEUES:
        raise NotFound("There is no such work")
    found = next(
        (one for one in operations.parked_work(merchant_id=company_id) if (one.queue, one.key) == (queue, key)), None
    )
    if found is None:
        raise actions.NotParked("It runs already, or was done in the meantime")
    back = request.GET.get("from", "")
    is_run = ids.read_case_number(back) == back and back
    asked = Question(
        title=f"Run this again: {wording.QUEUES[queue].lower()} of {company.name}?",
        words=(
            f"It was put aside after {found.tries} tries."
            + (f" What is known of why: {wording.plain(found.why)}." if found.why else ""),
            _AGAIN[queue],
            "If it fails again, it is put aside again.",
        ),
        button="Run it again",
        back=f"/operator/cases/{back}" if is_run else "/operator/parked",
        back_words="Back",
    )

    def do(_: str) -> str:
        actions.give_work_back(merchant_id=company_id, queue=queue, key=key, by=console.actor, at=now())
        return f"{asked.back}?done=1"

    return _asked(request, console, asked, choices=(), do=do)


def _asked(
    request: HttpRequest, console: Console, question: Question, *, choices: tuple[str, ...], do: Callable[[str], str]
) -> HttpResponse:
    """The page that asks; once it was answered, the deed is done and the browser goes on. `do` gives where to."""
    form = Why(request.POST if request.method == "POST" else None, choices=choices) if choices else None
    if request.method == "POST" and (form is None or form.is_valid()):
        return redirect(do(form.cleaned_data["why"] if form else ""))
    context = {"staff_name": console.name, "question": question, "form": form}
    return render(request, "operator/act.html", context, status=422 if form is not None and form.errors else 200)


_STOP = Question(
    title="Stop payments of {company} by {label}?",
    words=(
        "No refund is sent by this account until somebody lets it go on. What is promised stays promised, and waits.",
        "What the provider has accepted already goes on there.",
        "Shoppers keep seeing that their refund is on its way; the company sees that its payments wait.",
        "What the provider tells us by webhook meanwhile is refused; it tells it again later.",
    ),
    button="Stop payments",
    back="",
    back_words="",
)
_START = Question(
    title="Let payments of {company} by {label} go on?",
    words=("Everything that waited is sent within seconds, each payment once.",),
    button="Let them go on",
    back="",
    back_words="",
)
_GIVE = Question(
    title="Give {company} the verified badge?",
    words=("Shoppers see beside its name that somebody has checked who stands behind it.",),
    button="Give the badge",
    back="",
    back_words="",
)
_TAKE = Question(
    title="Take the verified badge from {company}?",
    words=("Shoppers no longer see it. Refunds go on as before.",),
    button="Take it away",
    back="",
    back_words="",
)
_AGAIN = {
    "payouts": "The provider is asked first whether it has paid already; only if it has not is anything sent.",
    "receipts": "What the provider told us is read again; it is a hint only, and the provider's own record is asked.",
    "cases": "The case is looked at again as its clock says.",
    "messages": "The message is sent again to the address that it was written for.",
}
