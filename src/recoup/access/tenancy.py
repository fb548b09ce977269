"""Whose rows a transaction may see. PostgreSQL enforces it (row-level security); here the setting is made.

An *action* opens exactly one durable transaction; a *query* opens a short one unless it is called inside an action.
Both take `merchant_id` as an argument and nothing outside can forget it: without the setting no row is visible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")


def action(function: Callable[P, R]) -> Callable[P, R]:
    """The function runs in one durable transaction of the merchant named by its `merchant_id` argument."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction.atomic(durable=True):
            enter(merchant_id=kwargs["merchant_id"])  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return run


def query(function: Callable[P, R]) -> Callable[P, R]:
    """The function reads as the merchant `merchant_id`: in the caller's transaction, or a short one of its own."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with reading(merchant_id=kwargs["merchant_id"]):  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return run


@contextmanager
def reading(*, merchant_id: UUID) -> Iterator[None]:
    """Several queries of one merchant, for one page: in the caller's transaction, or a short one of their own, so that
    the merchant is entered once and not for each.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        enter(merchant_id=merchant_id)
        yield


def action_for_every_merchant(function: Callable[P, R]) -> Callable[P, R]:
    """As `action`, over all merchants. The database allows it to the worker's role only."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with every_merchant():
            return function(*args, **kwargs)

    return run


@contextmanager
def every_merchant() -> Iterator[None]:
    """One durable transaction over all merchants: for the worker's claims and the operator's checks."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('recoup.every_merchant', 'on', true)")
        yield


def enter(*, merchant_id: UUID) -> None:
    """This transaction belongs to that merchant afterwards, until it ends."""
    assert connection.in_atomic_block, "a tenant is entered inside a transaction"  # noqa: S101
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('recoup.merchant_id', %s, true)", [str(merchant_id)])
