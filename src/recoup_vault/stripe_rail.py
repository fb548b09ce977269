"""The rail `stripe`: refunds through the official client, and what its answers and errors mean for a payout.

A time-out, a broken connection, a 5xx and a 409 are UNKNOWN: only a look-up by our reference settles them. A definite
refusal is checked by a look-up too, because an earlier request of ours may be the reason for it.
Sources: https://docs.stripe.com/api/errors, /api/idempotent_requests, /refunds, /error-codes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import stripe

from recoup_vault import words
from recoup_vault.amounts import NotPayable, from_stripe, to_stripe
from recoup_vault.lines import Lines, NotSent
from recoup_vault.words import Claim, Said

stripe.enable_telemetry = False

_OVER = frozenset({"failed", "canceled"})
_NO_FUNDS = frozenset({"balance_insufficient", "insufficient_funds"})
_CODE = re.compile(r"[^a-z0-9_.:-]+")
_PAGE = 100
#: What reading a body raises that is not what the provider publishes.
STRANGE = (ValueError, TypeError, KeyError, AttributeError)


class StripeRail:
    """One merchant's account at Stripe. Safe to use from several threads. No method raises for what the rail does."""

    def __init__(self, *, api_key: str, base_url: str, lines: Lines) -> None:
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_url} if base_url else None,
            http_client=lines,
            max_network_retries=0,
        )

    def refund(self, claim: Claim) -> Said:
        """Ask for the refund under the claim's key. To be called only for a claim that is new."""
        try:
            amount = to_stripe(claim.amount_minor, claim.currency)
        except NotPayable:
            return Said(outcome=words.REJECTED, failure_code="amount_not_payable")
        kind = "payment_intent" if claim.provider_charge_id.startswith("pi_") else "charge"
        try:
            answer = self._client.raw_request(
                "post",
                "/v1/refunds",
                **{kind: claim.provider_charge_id},
                amount=amount,
                metadata={
                    "recoup_payout": str(claim.payout_id),
                    "recoup_case": str(claim.case_id),
                    "recoup_epoch": str(claim.epoch),
                },
                idempotency_key=str(claim.idempotency_key),
            )
            return said_of(answer.data)
        except stripe.StripeError as error:
            return self._after_refusal(claim, error)
        except STRANGE:  # a 2xx whose body is no refund
            return Said(outcome=words.UNKNOWN, failure_code=words.STRANGE_ANSWER)

    def look_up(self, claim: Claim) -> Said:
        """What the rail holds under our reference, or under the refund's own id where we know it."""
        try:
            if claim.provider_refund_id is not None:
                found = self._retrieve(claim.provider_refund_id)
                if found is not None:
                    return said_of(found)
            return self._by_reference(claim)
        except stripe.StripeError as error:
            return Said(outcome=words.UNKNOWN, failure_code=_code_of(error))
        except STRANGE:
            return Said(outcome=words.UNKNOWN, failure_code=words.STRANGE_ANSWER)

    def refunds_of(self, charge_id: str) -> list[dict[str, Any]]:
        """Every refund of a charge or payment intent, whoever made it. Raises stripe.StripeError, one of STRANGE."""
        return self._refunds("payment_intent" if charge_id.startswith("pi_") else "charge", charge_id)

    def refunds_since(self, since_s: int, *, pages: int) -> list[dict[str, Any]]:
        """The account's refunds from that second on, newest first, of so many pages. Raises as `refunds_of`."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        for _ in range(pages):
            page = self._page(created={"gte": since_s}, **after)
            found += page["data"]
            if not page.get("has_more") or not page["data"]:
                break
            after = {"starting_after": page["data"][-1]["id"]}
        return found

    def refunds_after(self, refund_id: str, *, pages: int) -> tuple[list[dict[str, Any]], bool]:
        """The account's refunds made after that one, oldest first; whether there are more. Raises as `refunds_of`."""
        found: list[dict[str, Any]] = []
        for _ in range(pages):
            page = self._page(ending_before=refund_id)
            found += reversed(page["data"])
            if not page.get("has_more") or not page["data"]:
                return found, False
            refund_id = page["data"][0]["id"]
        return found, True

    def knows(self, refund_id: str) -> bool:
        """Whether the account has that refund. Raises as `refunds_of`."""
        return self._retrieve(refund_id) is not None

    def _page(self, **values: Any) -> dict[str, Any]:
        return dict(self._client.raw_request("get", "/v1/refunds", limit=_PAGE, **values).data)

    def _after_refusal(self, claim: Claim, error: stripe.StripeError) -> Said:
        """The class of an error; a definite "no" holds only if the rail knows nothing of us."""
        code, status = _code_of(error), error.http_status
        if isinstance(error, NotSent):
            return Said(outcome=words.THROTTLED, failure_code=words.UNREACHABLE)
        if status is None or status >= 500 or status < 400 or status == 409:
            return Said(outcome=words.UNKNOWN, failure_code=code)
        if isinstance(error, stripe.IdempotencyError):
            return Said(outcome=words.UNKNOWN, failure_code="idempotency_error")
        if status in (401, 403):
            return Said(outcome=words.THROTTLED, failure_code=words.NO_CREDENTIALS)
        if status == 429:
            return Said(outcome=words.THROTTLED, failure_code=code)
        known = self.look_up(claim)
        if known.outcome == words.NOT_FOUND:
            return Said(outcome=words.NO_FUNDS if code in _NO_FUNDS else words.REJECTED, failure_code=code)
        return known

    def _retrieve(self, refund_id: str) -> Mapping[str, Any] | None:
        try:
            return dict(self._client.raw_request("get", f"/v1/refunds/{refund_id}").data)
        except stripe.InvalidRequestError as error:
            if error.http_status == 404:
                return None
            raise

    def _by_reference(self, claim: Claim) -> Said:
        """Any living refund with our reference counts, whichever attempt made it; a dead one only of this attempt."""
        kind = "payment_intent" if claim.provider_charge_id.startswith("pi_") else "charge"
        ours = [refund for refund in self._refunds(kind, claim.provider_charge_id) if _is_of(refund, claim)]
        living = [refund for refund in ours if refund.get("status") not in _OVER]
        if len(living) > 1:
            return Said(outcome=words.UNKNOWN, failure_code=words.PAID_TWICE)
        if living:
            return said_of(living[0])
        dead = [refund for refund in ours if refund["metadata"].get("recoup_epoch") == str(claim.epoch)]
        return said_of(dead[0]) if dead else Said(outcome=words.NOT_FOUND)

    def _refunds(self, kind: str, charge_id: str) -> list[dict[str, Any]]:
        """Every refund of a charge, newest first, page by page. A charge the rail does not know has none."""
        found: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            try:
                page = self._client.raw_request("get", "/v1/refunds", **{kind: charge_id}, limit=_PAGE, **after).data
            except stripe.InvalidRequestError as error:
                if error.http_status == 404 and not after:
                    return found
                raise
            found += page["data"]
            if not page.get("has_more") or not page["data"]:
                return found
            after = {"starting_after": page["data"][-1]["id"]}


def said_of(refund: Mapping[str, Any]) -> Said:
    """What a refund object of the provider means for our payout."""
    status, identity = refund.get("status"), refund.get("id")
    currency = str(refund.get("currency", "")).upper()
    try:
        amount_minor = from_stripe(int(refund["amount"]), currency)
    except (KeyError, TypeError, ValueError):
        return Said(outcome=words.UNKNOWN, failure_code=words.STRANGE_ANSWER)
    if not isinstance(identity, str) or status not in _OVER | {"pending", "requires_action", "succeeded"}:
        return Said(outcome=words.UNKNOWN, failure_code=words.STRANGE_ANSWER)
    outcome, code = words.PENDING, None
    if status == "succeeded":
        outcome = words.SUCCEEDED
    elif status in _OVER:
        outcome, code = words.FAILED, _clean(refund.get("failure_reason") or status)
    elif refund.get("pending_reason") == "insufficient_funds":
        outcome, code = words.NO_FUNDS, "insufficient_funds"
    return Said(
        outcome=outcome,
        provider_refund_id=identity,
        provider_reference=_reference(refund),
        failure_code=code,
        amount_minor=amount_minor,
        currency=currency,
    )


def _is_of(refund: Mapping[str, Any], claim: Claim) -> bool:
    return (refund.get("metadata") or {}).get("recoup_payout") == str(claim.payout_id)


def _reference(refund: Mapping[str, Any]) -> str | None:
    """The acquirer's reference number, by which a bank can trace the money, once there is one."""
    card = (refund.get("destination_details") or {}).get("card") or {}
    reference = card.get("reference")
    return reference if isinstance(reference, str) else None


def _code_of(error: stripe.StripeError) -> str:
    declined = getattr(error.error, "decline_code", None) if error.error is not None else None
    if declined in _NO_FUNDS:
        return str(declined)
    if error.code:
        return _clean(error.code)
    return _clean(f"http_{error.http_status}" if error.http_status else "no_answer")


def _clean(code: object) -> str:
    return _CODE.sub("_", str(code).lower())[:80]
