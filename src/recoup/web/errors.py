"""What people see when something went wrong: what was kept, and what to do next."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext

from recoup.kernel.errors import NotFound, Refusal
from recoup.web.forms import PHOTO_BYTES_MAX, PHOTOS_MAX

_ADVICE = {
    403: "If you are somebody else, sign in or open your own case.",
    404: "Please check the address or the number.",
    409: "Look at it as it stands now, and decide again.",
    422: "Go back and change what you entered.",
    429: "Please wait a little.",
}
#: Every text of this table, for the catalogues.
TEXTS: tuple[str, ...] = tuple(_ADVICE.values())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form whose token is missing or old: nothing was changed, and the page says how to go on."""
    return render(request, "errors/csrf.html", status=403)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal that a page did not answer itself, in its own words and with its own status."""
    if isinstance(refusal, NotFound):
        return not_found(request, refusal)
    context = {
        "title": gettext(refusal.title),
        "detail": gettext(refusal.detail) if refusal.detail != refusal.title else "",
        "advice": gettext(_ADVICE[refusal.status]) if refusal.status in _ADVICE else "",
        "back_url": _back(request),
    }
    return render(request, "errors/refusal.html", context, status=refusal.status)


def refused_at_the_door(refusal: Refusal) -> HttpResponse:
    """A refusal before anything is known of the person. Asks nothing of the session, which was not opened yet."""
    context = {"title": refusal.title, "detail": refusal.detail, "advice": _ADVICE.get(refusal.status, "")}
    context["back_url"] = "/"
    return HttpResponse(render_to_string("errors/refusal.html", context), status=refusal.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address or a form that cannot be read, or that is larger than what we read."""
    if isinstance(exception, RequestDataTooBig | TooManyFilesSent | TooManyFieldsSent):
        return too_large(request)
    return render(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    """More than a page of ours can send; nobody reads it."""
    context = {"photos": PHOTOS_MAX, "megabytes": PHOTO_BYTES_MAX // 1024**2}
    return render(request, "errors/413.html", context, status=413)


def wrong_method(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """An address that was called in a way it does not answer; `Allow` says in which ways it does."""
    page = render(request, "errors/405.html", {"back_url": _page_before(request.path)}, status=405)
    page.headers["Allow"] = answer.headers.get("Allow", "")
    return page


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A page that belongs to somebody else."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """No such page, or it is somebody else's: the two look the same from outside."""
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Our own mistake. The page asks nothing of the session or the database, which may be what is broken."""
    return HttpResponse(render_to_string("500.html"), status=500)


def _page_before(path: str) -> str:
    """The page from which a form is sent to that address, where it is another one."""
    return path.removesuffix("/again") if path.endswith("/code/again") else ""


def _back(request: HttpRequest) -> str:
    """Where the person most likely came from, on this site."""
    path = request.path
    return path.rsplit("/", 1)[0] if path.startswith("/review/") and path.count("/") > 2 else path
