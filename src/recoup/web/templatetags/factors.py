"""What the pages about second factors ask about the person and the address they are at."""

from __future__ import annotations

import ipaddress
from typing import Any

from django import template
from django.conf import settings

from recoup.identity import queries

register = template.Library()


@register.simple_tag(takes_context=True)
def works_with_cases(context: dict[str, Any]) -> bool:
    """Whether the person needs a second factor for their work."""
    person: Any = context["request"].user
    return bool(person.is_authenticated and (person.is_operator or queries.memberships(person.id)))


@register.simple_tag(takes_context=True)
def address_with_a_name(context: dict[str, Any]) -> str:
    """Where this page can take passkeys when it cannot here: a browser ties a passkey to a name, never to a number.

    Empty when all is well. Only the practice world is reached by numbers.
    """
    request = context["request"]
    host, _, port = request.get_host().rpartition(":")
    try:
        ipaddress.ip_address((host or port).strip("[]"))
    except ValueError:
        return ""
    return f"http://localhost:{port}/account/" if settings.MODE == "demo" and host else ""
