"""Splitting whole numbers so that nothing is lost: the largest-remainder method, made once and then frozen."""

from __future__ import annotations

from collections.abc import Sequence


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` (any sign) in proportion to `weights` (>= 0): floors first, left-over units to the largest
    fractions, the earlier one on a tie. The parts add up to `total`. All-zero weights share evenly.
    """
    if not weights:
        return []
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    parts = [total * weight // whole for weight in weights]
    by_fraction = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_fraction[: total - sum(parts)]:
        parts[i] += 1
    return parts


def spread(total: int, remaining: Sequence[int]) -> list[int]:
    """Take `total` out of the `remaining` balances in proportion (DOMAIN 4). No part passes its balance.

    Raises ValueError when the balances together do not hold `total`.
    """
    if not 0 <= total <= sum(remaining):
        raise ValueError(f"{total} cannot be taken out of {sum(remaining)}")
    return split(total, remaining) if total else [0] * len(remaining)


def first_units(total: int, quantity: int, count: int) -> int:
    """What the first `count` of `quantity` equal units are worth when `total` is frozen unit by unit.

    Unit i is worth floor(total / quantity), plus one for the first `total mod quantity` units; a negative total
    mirrors that. This is the largest-remainder split of equal weights, as a formula: nothing is stored per unit.
    """
    if total < 0:
        return -first_units(-total, quantity, count)
    each, extra = divmod(total, quantity)
    return each * count + min(extra, count)
