"""A message as it leaves us: subject, text and HTML from its template and its context."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Template, engines
from django.utils import translation
from django.utils.translation import gettext

from recoup.kernel import tongues

_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")

#: What every template may rely on, whether or not the message knows it.
_NOTHING: dict[str, Any] = {
    "number": "",
    "company": "",
    "order_number": "",
    "support_email": "",
    "state": "",
    "explanation": "",
    "amount": "",
    "lines": [],
    "left_out": [],
    "shipping": "",
    "fees": "",
    "routes": [],
    "expected": "",
    "sent_on": "",
    "until": "",
    "is_slow": True,
    "is_asked_why": False,
    "was_told_sent": False,
    "failed": [],
    "is_returned": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What is said."""

    subject: str
    text: str
    html: str
    language: str = "en"  # as `Content-Language` writes it


def render(*, template: str, context: Mapping[str, Any], locale: str = tongues.ENGLISH) -> Rendered:
    """The three parts of a message, in that language; one that Recoup does not speak is answered in English. The
    subject is one line, whatever names it was given.
    """
    language = tongues.spoken(locale)
    with translation.override(language):
        return _render(template, {**_NOTHING, **context}, tongues.TAGS[language])


def _render(template: str, told: dict[str, Any], tag: str) -> Rendered:
    told["language_tag"] = tag
    told["failed_sum"] = _and(told["failed"])
    told["platform_url"] = settings.PUBLIC_URL
    told["link"] = f"{settings.PUBLIC_URL}/cases/{told['number']}" if told["number"] else settings.PUBLIC_URL
    subject, text, html = _templates(template)
    return Rendered(
        subject=" ".join(subject.render(Context(told, autoescape=False, use_l10n=False)).split()),
        text=_GAP.sub("\n\n", text.render(Context(told, autoescape=False, use_l10n=False))).strip() + "\n",
        html=html.render(Context(told, use_l10n=False)).strip() + "\n",
        language=tag,
    )


def _and(sums: list[str]) -> str:
    """`S$80.00 and S$9.90`."""
    said = ""
    for one in sums:
        said = gettext("{one} and {other}").format(one=said, other=one) if said else one
    return said


@lru_cache(maxsize=64)
def _templates(name: str) -> tuple[Template, Template, Template]:
    """The compiled templates; kept, because thousands of messages share them."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    subject, text, html = (
        engine.get_template(f"notifications/{name}.{ending}") for ending in ("subject.txt", "txt", "html")
    )
    return subject, text, html
