"""Why a shopper asks for money back: a closed list of codes, and which of them say that the merchant was at fault.

The shopper may always write in their own words; the words are kept with the case and the nearest code is used here.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The machine code of a request's reason. `other` is for words nobody could place."""

    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    NOT_ARRIVED = "not_arrived"
    LATE = "late"
    NOT_AS_DESCRIBED = "not_as_described"
    CHANGED_MIND = "changed_mind"
    WRONG_SIZE = "wrong_size"
    CANCELLED_BEFORE_DISPATCH = "cancelled_before_dispatch"
    DUPLICATE_ORDER = "duplicate_order"
    OVERCHARGED = "overcharged"
    OTHER = "other"


#: The merchant or its carrier is at fault: no fee is ever taken, and delivery comes back with a full order.
FAULT_REASONS: frozenset[Reason] = frozenset(
    {
        Reason.DAMAGED,
        Reason.DEFECTIVE,
        Reason.WRONG_ITEM,
        Reason.MISSING_ITEM,
        Reason.NOT_ARRIVED,
        Reason.LATE,
        Reason.NOT_AS_DESCRIBED,
        Reason.OVERCHARGED,
    }
)

#: The goods themselves do not conform to the contract: what lemon laws and conformity laws speak of.
CONFORMITY_REASONS: frozenset[Reason] = frozenset(
    {Reason.DAMAGED, Reason.DEFECTIVE, Reason.WRONG_ITEM, Reason.MISSING_ITEM, Reason.NOT_AS_DESCRIBED}
)

#: The shopper never held the goods, so nobody can be asked to send them back.
NOTHING_TO_RETURN: frozenset[Reason] = frozenset(
    {Reason.MISSING_ITEM, Reason.NOT_ARRIVED, Reason.CANCELLED_BEFORE_DISPATCH, Reason.OVERCHARGED}
)


def is_fault(reason: Reason) -> bool:
    """True when the reason says that the merchant or its carrier was at fault."""
    return reason in FAULT_REASONS
