"""The door for providers' events: verified before a byte of them is read, kept raw, acknowledged, acted upon later."""

from __future__ import annotations

import hashlib
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from recoup.access import doors, sealing
from recoup.kernel.clock import now
from recoup.payments import queries as payments
from recoup.webhooks import actions

BODY_BYTES_MAX = 256 * 1024
TOLERANCE_SECONDS = 300


@doors.open_to_all
@csrf_exempt
@require_POST
def stripe_event(request: HttpRequest, rail_account_id: UUID) -> HttpResponse:
    """200 once the event is kept, however often it comes; 401 for whatever is not signed by this account's secret."""
    body = _body(request)
    if body is None:
        return _refused(413, "too_large", "An event has at most 256 KiB")
    account = payments.find_webhook_account(rail_account_id=rail_account_id)
    secrets = sealing.open_ours(account.secret_sealed).split() if account is not None else []
    if account is None or not _is_signed(body, request.headers.get("Stripe-Signature", ""), secrets):
        return _refused(401, "not_signed", "This is not signed as it must be")
    event_id, kind = _identity(body)
    actions.keep_receipt(
        merchant_id=account.merchant_id,
        rail_account_id=rail_account_id,
        event_id=event_id,
        kind=kind,
        body=body,
        at=now(),
    )
    return JsonResponse({"received": True})


def _body(request: HttpRequest) -> bytes | None:
    """The body; None when it is larger than any event. What is too large is not read to its end."""
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES_MAX:
            return None
    except ValueError:
        return None
    body: bytes = request.read(BODY_BYTES_MAX + 1)
    return body if len(body) <= BODY_BYTES_MAX else None


def _is_signed(body: bytes, header: str, secrets: list[str]) -> bool:
    """Whether one of the account's secrets made the signature, within five minutes either way."""
    try:
        payload = body.decode("utf-8")
        times = [int(part[2:]) for part in header.split(",") if part.startswith("t=")]
    except ValueError:
        return False
    # The provider's client compares signatures as ASCII, and a number of any length is no float.
    if len(times) != 1 or not header.isascii() or abs(int(now().timestamp()) - times[0]) > TOLERANCE_SECONDS:
        return False
    return any(_is_signed_with(payload, header, secret) for secret in secrets)


def _is_signed_with(payload: str, header: str, secret: str) -> bool:
    import stripe  # the client takes 0.4 s to load: not at each start, but with the first event

    try:
        return bool(stripe.WebhookSignature.verify_header(payload, header, secret, tolerance=None))
    except stripe.SignatureVerificationError:
        return False


def _identity(body: bytes) -> tuple[str, str]:
    """The event's id and type. What cannot be read is kept as well, under its digest, for a person to look at."""
    try:
        event = orjson.loads(body)
        identity, kind = event["id"], event["type"]
        if isinstance(identity, str) and isinstance(kind, str) and identity and "\x00" not in identity + kind:
            return identity[:255], kind[:255]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    return f"body:{hashlib.sha256(body).hexdigest()}", "unreadable"


def _refused(status: int, code: str, title: str) -> HttpResponse:
    problem = {"type": f"urn:recoup:{code}", "title": title, "status": status, "code": code}
    return JsonResponse(problem, status=status, content_type="application/problem+json")
