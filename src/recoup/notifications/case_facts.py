"""Everything the messages about a case can say, read in one statement for a batch of cases.

It reads the tables of refunds, orders, payments and merchants directly, as the other hot paths do
(docs/decisions/0006): these contexts stand above or beside this one, and nothing of theirs is changed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from recoup.kernel.money import spoken
from recoup.notifications import arriving

#: How the policy ends a no (refunds/policy/words.py): what says it need not say it again.
SEE_IT_DIFFERENTLY = "If you see it differently, tell us why: a person will read it and answer you."
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){5,}")

_READ = """
SELECT c.id, c.merchant_id, c.number, c.email, c.locale, c.order_number, c.currency, c.amount_minor,
       c.shipping_granted_minor, c.explanation, c.state, c.wake_at, c.initiated_at, m.name, m.support_email,
       (SELECT jsonb_agg(jsonb_build_array(l.title, cl.quantity, cl.amount_minor,
                           (SELECT coalesce(sum(upper(span) - lower(span)), 0) FROM unnest(cl.units) span))
                         ORDER BY l.position)
          FROM refunds_caseline cl JOIN orders_orderline l ON l.id = cl.order_line_id WHERE cl.case_id = c.id),
       (SELECT jsonb_agg(jsonb_build_array(k.method, k.label, p.amount_minor, p.currency,
                                           coalesce(p.provider_reference, p.provider_refund_id))
                         ORDER BY k.position, p.id)
          FROM payments_payout p JOIN payments_capture k ON k.id = p.capture_id
         WHERE p.case_id = c.id AND p.state <> 'canceled'),
       EXISTS (SELECT 1 FROM notifications_message s
                WHERE s.case_id = c.id AND s.template = 'sent' AND s.sent_at IS NOT NULL)
  FROM refunds_case c JOIN merchants_merchant m ON m.id = c.merchant_id
 WHERE c.id = ANY(%s) AND c.email <> ''
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case as its messages need it. `lines`: title, asked units, granted minor units, granted units; `payouts`:
    method, label, minor units, currency, the rail's reference; `was_told_sent`: a mail said that the money was sent.
    """

    case_id: UUID
    merchant_id: UUID
    number: str
    email: str
    locale: str
    order_number: str
    currency: str
    amount_minor: int
    shipping_minor: int
    explanation: str
    state: str
    wake_at: datetime | None
    initiated_at: datetime | None
    company: str
    support_email: str
    lines: list[tuple[str, int, int, int]]
    payouts: list[tuple[str, str, int, str, str | None]]
    was_told_sent: bool

    def context(self, *, explanation: str | None = None) -> dict[str, Any]:
        """The words and amounts that the templates print, ready to read, in the language that is spoken now.

        `explanation`: the case's own in that language; without it, as it is kept.
        """
        told = self.explanation if explanation is None else explanation
        granted = [line for line in self.lines if line[2] > 0]
        fees_minor = sum(line[2] for line in granted) + self.shipping_minor - self.amount_minor if granted else 0
        methods = [payout[0] for payout in self.payouts]
        sent_on = _day(self.initiated_at) if self.initiated_at else None
        return {
            "number": self.number,
            "company": self.company,
            "order_number": self.order_number,
            "support_email": self.support_email,
            "state": self.state,
            "explanation": told,
            "is_asked_why": "see it differently" in told or gettext(SEE_IT_DIFFERENTLY) in told,
            "amount": in_money(self.amount_minor, self.currency) if self.amount_minor and self.currency else "",
            "lines": [[title, paid, in_money(minor, self.currency)] for title, _, minor, paid in granted],
            "left_out": [[title, asked - paid] for title, asked, _, paid in self.lines if asked > paid and granted],
            "shipping": in_money(self.shipping_minor, self.currency) if self.shipping_minor else "",
            "fees": in_money(fees_minor, self.currency) if fees_minor > 0 else "",
            "routes": [self._route(payout) for payout in self.payouts],
            "expected": arriving.expected(methods, sent_on=sent_on),
            "is_slow": not methods or not arriving.is_at_once(methods),
            "sent_on": arriving.short_day(sent_on) if sent_on else "",
            "until": arriving.short_day(_day(self.wake_at)) if self.wake_at else "",
            "was_told_sent": self.was_told_sent,
        }

    def _route(self, payout: tuple[str, str, int, str, str | None]) -> dict[str, str]:
        method, label, amount_minor, currency, reference = payout
        sent_on = _day(self.initiated_at) if self.initiated_at else None
        return {
            "name": masked(label) or gettext("your original means of payment"),
            "amount": in_money(amount_minor, currency),
            "reference": reference or "",
            "expected": arriving.expected([method], sent_on=sent_on),
        }


def _day(moment: datetime) -> date:
    """The day it was where the platform is at home."""
    return moment.astimezone(timezone.get_default_timezone()).date()


def in_money(amount_minor: int, currency: str) -> str:
    """The amount with its currency, as people read it."""
    return spoken(amount_minor, currency)


def masked(label: str) -> str:
    """A destination's name with nothing in it but the last four digits of any long number."""
    return _LONG_NUMBER.sub(lambda found: "•••• " + re.sub(r"\D", "", found.group())[-4:], label)


def _list(text: str | None) -> list[Any]:
    """Django's connection gives JSON as its text."""
    return orjson.loads(text) if text else []


def read(case_ids: Collection[UUID]) -> dict[UUID, CaseFacts]:
    """The facts of these cases by id; cases without an address are not among them."""
    if not case_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(case_ids)])
        rows = cursor.fetchall()
    names = CaseFacts.__slots__
    return {
        row[0]: CaseFacts(
            **{
                **dict(zip(names, row, strict=True)),
                "lines": [tuple(line) for line in _list(row[15])],
                "payouts": [tuple(payout) for payout in _list(row[16])],
            }
        )
        for row in rows
    }
