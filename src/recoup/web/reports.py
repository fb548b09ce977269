"""Browsers tell us when a page of ours broke its own policy: limited, and noted without anybody's address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recoup.access import doors
from recoup.web.routes import REPORT_BODY

log = structlog.get_logger(__name__)
REPORTS_MAX = 10


@doors.open_to_all
@csrf_exempt
@require_POST
def browser_reports(request: HttpRequest) -> HttpResponse:
    """204 whatever was said: nobody waits for the answer."""
    body = request.read(REPORT_BODY.bytes_max)
    for directive, blocked in _read(body)[:REPORTS_MAX]:
        log.warning("policy_broken", directive=directive, blocked=blocked)
    return HttpResponse(status=204)


def _read(body: bytes) -> list[tuple[str, str]]:
    """What was broken and by which site, of either form of report (CSP 2 and the Reporting API)."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return []
    reports = [report.get("body") for report in told if isinstance(report, dict)] if isinstance(told, list) else []
    if isinstance(told, dict):
        reports = [told.get("csp-report")]
    return [_in_short(report) for report in reports if isinstance(report, dict)]


def _in_short(report: dict[str, Any]) -> tuple[str, str]:
    directive = report.get("effectiveDirective") or report.get("violated-directive") or ""
    blocked = str(report.get("blockedURL") or report.get("blocked-uri") or "")
    site = urlsplit(blocked[:2000]).netloc if "://" in blocked else blocked
    return str(directive)[:40], site[:80]
