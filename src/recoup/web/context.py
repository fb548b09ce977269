"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from recoup.kernel import tongues
from recoup.web import languages


def every_page(request: HttpRequest) -> dict[str, Any]:
    """The addresses and the mode that the frame of a page shows."""
    return {
        "public_url": settings.PUBLIC_URL,
        "live_url": settings.LIVE_URL,
        "is_demo": settings.MODE == "demo",
        "inbox_url": settings.INBOX_URL,
        "languages": tongues.NAMES if languages.is_translated(request.path_info) else {},
    }
