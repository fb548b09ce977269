"""Refunds: asked for, followed, decided."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from recoup_client.line import Line, piece
from recoup_client.models import GuestToken, Refund, RefundInFull, read
from recoup_client.paging import each
from recoup_client.wanted import Grade, Grant, Item, Reason

Id = UUID | str


class Refunds:
    """`recoup.refunds`."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def create(
        self,
        *,
        order_number: str,
        reason: Reason,
        items: Sequence[Item] = (),
        words: str = "",
        email: str = "",
        locale: str = "en",
        goods_received: bool = False,
        judged_as_of: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Refund:
        """Ask for a refund: of these items, or without any, of everything that is left of the order.

        Choose the idempotency key when the decision to refund is made (your return's number): then no retry, not even
        one after your own program was restarted, can pay twice. Without one, only the retries of this call are safe.
        """
        body: dict[str, Any] = {"order_number": order_number, "reason": reason, "locale": locale}
        if items:
            body["items"] = list(items)
        if words:
            body["words"] = words
        if email:
            body["email"] = email
        if goods_received:
            body["goods_received"] = True
        if judged_as_of is not None:
            body["judged_as_of"] = judged_as_of.isoformat()
        key = str(uuid4()) if idempotency_key is None else idempotency_key
        return read(Refund, self._line.call("POST", "/refunds", body, idempotency_key=key).body)

    def list(
        self, *, state: str | None = None, order_number: str | None = None, limit: int | None = None
    ) -> Iterator[Refund]:
        """The newest first; all of them, or `limit`."""
        query = {"state": state, "order_number": order_number}
        return each(self._line, "/refunds", Refund, query=query, limit=limit)

    def get(self, refund_id: Id) -> RefundInFull:
        """One, with its lines, payouts and timeline. Raises NotFound."""
        return read(RefundInFull, self._line.call("GET", f"/refunds/{piece(refund_id)}").body)

    def show_evidence(self, refund_id: Id, *, words: str = "", photos: Sequence[bytes] = ()) -> RefundInFull:
        """Add words, and photos (JPEG, PNG, WebP; up to four at once). The same again changes nothing.

        Raises Conflict once the case is decided, Refused when a file is no photo; then nothing is kept.
        """
        body: dict[str, Any] = {"words": words, "photos": [b64encode(photo).decode() for photo in photos]}
        path = f"/refunds/{piece(refund_id)}/evidence"
        return read(RefundInFull, self._line.call("POST", path, body, is_repeatable=True).body)

    def withdraw(self, refund_id: Id) -> Refund:
        """Take the request back, while no money is promised. Raises Conflict."""
        return self._verb(refund_id, "withdraw", None)

    def appeal(self, refund_id: Id, *, words: str) -> Refund:
        """A person looks again. Raises Conflict."""
        return self._verb(refund_id, "appeal", {"words": words})

    def approve(
        self,
        refund_id: Id,
        *,
        lines: Sequence[Grant] | None = None,
        with_delivery: bool = False,
        with_kept_back: bool = False,
        note: str = "",
    ) -> Refund:
        """Say yes: in full, or to these units of these lines. Raises Conflict, Refused."""
        body: dict[str, Any] = {"with_delivery": with_delivery, "with_kept_back": with_kept_back, "note": note}
        if lines is not None:
            body["lines"] = list(lines)
        return self._verb(refund_id, "approve", body)

    def reject(self, refund_id: Id, *, words: str) -> Refund:
        """Say no, with the words that the shopper reads. Raises Conflict."""
        return self._verb(refund_id, "reject", {"words": words})

    def ask_evidence(self, refund_id: Id, *, words: str, asks: Sequence[str] = ()) -> Refund:
        """Ask the shopper for more; they have 14 days. Raises Conflict."""
        return self._verb(refund_id, "ask-evidence", {"words": words, "asks": list(asks)})

    def grade_goods(self, refund_id: Id, *, grade: Grade) -> Refund:
        """Say how the goods came back. Raises Conflict."""
        return self._verb(refund_id, "goods", {"grade": grade})

    def give_guest_token(self, refund_id: Id) -> GuestToken:
        """A token with which the shopper's own app reads this refund and shows more, and nothing else."""
        return read(GuestToken, self._line.call("POST", f"/refunds/{piece(refund_id)}/guest-token").body)

    def revoke_guest_tokens(self, refund_id: Id) -> None:
        """All of them open nothing any more."""
        self._line.call("DELETE", f"/refunds/{piece(refund_id)}/guest-token")

    def _verb(self, refund_id: Id, verb: str, body: dict[str, Any] | None) -> Refund:
        return read(Refund, self._line.call("POST", f"/refunds/{piece(refund_id)}/{verb}", body).body)
