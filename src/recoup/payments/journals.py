"""Which journal each fact about a payout writes. `epoch` counts attempts, so each attempt has its own journals."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from recoup.ledger.accounts import Account
from recoup.ledger.transactional import Entry


class Leg(Protocol):
    """What the books need to know of a payout."""

    @property
    def id(self) -> UUID: ...

    @property
    def merchant_id(self) -> UUID: ...

    @property
    def rail_account_id(self) -> UUID: ...

    @property
    def amount_minor(self) -> int: ...

    @property
    def currency(self) -> str: ...

    @property
    def epoch(self) -> int: ...


def reserved(leg: Leg, *, at: datetime) -> Entry:
    """The merchant owes the shopper: promised, not sent."""
    return _entry("payout.reserved", leg, Account.REFUNDS_GRANTED, Account.RESERVED_REFUNDS, at=at, epoch=0)


def paid(leg: Leg, *, at: datetime) -> Entry:
    """The provider took the money out of the merchant's balance."""
    return _entry("payout.paid", leg, Account.RESERVED_REFUNDS, Account.PROVIDER_BALANCE, at=at, epoch=leg.epoch)


def returned(leg: Leg, *, at: datetime) -> Entry:
    """The provider put the money back: what was paid is owed again (DOMAIN 9.11: a new journal, never an edit)."""
    return _entry("payout.returned", leg, Account.PROVIDER_BALANCE, Account.RESERVED_REFUNDS, at=at, epoch=leg.epoch)


def voided(leg: Leg, *, at: datetime) -> Entry:
    """The promise ends without money: another way was found, or a person called it off."""
    return _entry("payout.voided", leg, Account.RESERVED_REFUNDS, Account.REFUNDS_GRANTED, at=at, epoch=0)


class Elsewhere(Protocol):
    """What the books need to know of a refund that somebody else made. `turn` counts the changes of our mind."""

    @property
    def id(self) -> UUID: ...

    @property
    def merchant_id(self) -> UUID: ...

    @property
    def rail_account_id(self) -> UUID: ...

    @property
    def amount_minor(self) -> int: ...

    @property
    def currency(self) -> str: ...

    @property
    def turn(self) -> int: ...


def given_elsewhere(seen: Elsewhere, *, at: datetime) -> Entry:
    """The merchant gave money back without us: its cost, out of its balance at the provider."""
    debit, credit = Account.REFUNDS_GRANTED, Account.PROVIDER_BALANCE
    return _elsewhere("elsewhere.given", seen, debit, credit, at=at)


def kept_after_all(seen: Elsewhere, *, at: datetime) -> Entry:
    """What was given elsewhere came back to the merchant, or was never gone."""
    debit, credit = Account.PROVIDER_BALANCE, Account.REFUNDS_GRANTED
    return _elsewhere("elsewhere.kept", seen, debit, credit, at=at)


def _elsewhere(kind: str, seen: Elsewhere, debit: Account, credit: Account, *, at: datetime) -> Entry:
    return Entry(
        merchant_id=seen.merchant_id,
        kind=kind,
        reference_id=seen.id,
        epoch=seen.turn + 1,
        at=at,
        debit=debit,
        credit=credit,
        amount_minor=seen.amount_minor,
        currency=seen.currency,
        rail_account_id=seen.rail_account_id,
    )


def _entry(kind: str, leg: Leg, debit: Account, credit: Account, *, at: datetime, epoch: int) -> Entry:
    return Entry(
        merchant_id=leg.merchant_id,
        kind=kind,
        reference_id=leg.id,
        epoch=epoch,
        at=at,
        debit=debit,
        credit=credit,
        amount_minor=leg.amount_minor,
        currency=leg.currency,
        rail_account_id=leg.rail_account_id,
    )
