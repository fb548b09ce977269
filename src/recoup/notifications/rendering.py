"""A message as it leaves us: subject, text and HTML from its template and its context."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Context, Template, engines

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


def render(*, template: str, context: Mapping[str, Any]) -> Rendered:
    """The three parts of a message. The subject is one line, whatever names it was given."""
    told = {**_NOTHING, **context}
    told["platform_url"] = settings.PUBLIC_URL
    told["link"] = f"{settings.PUBLIC_URL}/cases/{told['number']}" if told["number"] else settings.PUBLIC_URL
    subject, text, html = _templates(template)
    return Rendered(
        subject=" ".join(subject.render(Context(told, autoescape=False, use_l10n=False)).split()),
        text=_GAP.sub("\n\n", text.render(Context(told, autoescape=False, use_l10n=False))).strip() + "\n",
        html=html.render(Context(told, use_l10n=False)).strip() + "\n",
    )


@lru_cache(maxsize=64)
def _templates(name: str) -> tuple[Template, Template, Template]:
    """The compiled templates; kept, because thousands of messages share them."""
    engine = engines["django"].engine  # type: ignore[attr-defined]
    subject, text, html = (
        engine.get_template(f"notifications/{name}.{ending}") for ending in ("subject.txt", "txt", "html")
    )
    return subject, text, html
