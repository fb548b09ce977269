"""The chart of accounts of a merchant. Debits are positive, credits negative."""

from __future__ import annotations

from enum import StrEnum


class Account(StrEnum):
    """`refunds_granted` is the merchant's cost; `reserved_refunds` what is promised to shoppers and not sent yet;
    `provider_balance` the merchant's money at a provider, one per rail account and currency.
    """

    REFUNDS_GRANTED = "refunds_granted"
    RESERVED_REFUNDS = "reserved_refunds"
    PROVIDER_BALANCE = "provider_balance"
