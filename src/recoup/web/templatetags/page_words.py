"""Addresses of static files, icons and times, as every template writes them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import cache

from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from recoup.kernel import tongues
from recoup.web import languages

register = template.Library()

#: In the order in which a page loads them; the layers are named in the first.
STYLESHEETS = (
    "tokens ground frame button field choice item card notice steps badge money clocks timeline photos front case "
    "review rights chart run factors own orders"
).split()


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file, with its content's fingerprint: a changed file is another address."""
    return f"{static(path)}?v={_fingerprint(path)}"


@register.simple_tag
def stylesheets() -> list[str]:
    """The addresses of all style sheets."""
    return [asset(f"css/{name}.css") for name in STYLESHEETS]


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A drawing that repeats what the words beside it say; it is silent for a screen reader."""
    return format_html(
        '<svg class="{}" width="24" height="24" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        asset("img/icons.svg"),
        name,
    )


@register.filter
def moment(at: datetime) -> SafeString:
    """`22 Nov 2026, 8:46 pm`, as the page's language writes it, with the exact time for machines."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), languages.moment(at))


@register.filter
def day(when: datetime) -> str:
    """`22 November 2026`, as the page's language writes it."""
    return languages.day(when)


@register.filter
def as_html_lang(language: str) -> str:
    """The language as `lang` names it."""
    return tongues.TAGS.get(language, tongues.ENGLISH)


@register.filter
def exactly(at: datetime) -> SafeString:
    """`22 Nov 2026, 20:46:03`, in the platform's time zone: for lists in which seconds matter."""
    here = at.astimezone(timezone.get_current_timezone())
    return format_html('<time datetime="{}">{} {}</time>', at.isoformat(), here.day, f"{here:%b %Y, %H:%M:%S}")


@register.filter
def as_box(field: BoundField) -> SafeString:
    """The field's own control; Django links it with its hint and its errors."""
    return field.as_widget(attrs={"class": f"{field.field.widget.attrs.get('class', '')} box".strip()})


@cache
def _fingerprint(path: str) -> str:
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(f"no static file {path}")
    with open(found, "rb") as file:  # noqa: PTH123 - the finder gives a string
        return hashlib.file_digest(file, "sha256").hexdigest()[:10]
