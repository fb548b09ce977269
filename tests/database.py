"""A real PostgreSQL for tests: one cluster per run, migrated once, entered with the programs' own roles.

Tests never clean up: each makes merchants of its own, and row-level security keeps them apart, as in production.
"""

from __future__ import annotations

import atexit
import importlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from nacl.public import PrivateKey

VAULT_KEY = PrivateKey.generate()


@contextmanager
def migrated_cluster() -> Iterator[Any]:
    """PostgreSQL with all roles and all migrations; Django is set up on it as the role of `web`."""
    from recoup.config.private_house import PrivateHouse

    with PrivateHouse(cluster_only=True) as house:
        subprocess.run(
            [sys.executable, "-m", "recoup.config.manage", "migrate", "--verbosity", "0", "--skip-checks"],
            env={**os.environ, **house.environment("owner")},
            check=True,
        )
        _set_up_django(house)
        yield house


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """The one cluster that all tests share, each with merchants of its own."""
    with migrated_cluster() as house:
        yield house


def _set_up_django(house: Any) -> None:
    from django.apps import apps

    if apps.ready:
        point("default", house.database_url("recoup_web"))
        return
    os.environ.update(
        RECOUP_MODE="demo",
        RECOUP_DATABASE_URL=house.database_url("recoup_web"),
        RECOUP_SECRET_KEY=secrets.token_urlsafe(48),
        RECOUP_FIELD_KEY=secrets.token_hex(32),
        RECOUP_VAULT_PUBLIC_KEY=bytes(VAULT_KEY.public_key).hex(),
        RECOUP_EVIDENCE_DIR=_folder_for_photos(),
        RECOUP_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
        DJANGO_SETTINGS_MODULE="recoup.config.settings",
    )
    import django

    django.setup()
    _write_on_the_callers_thread()


def _folder_for_photos() -> str:
    folder = tempfile.mkdtemp(prefix="recoup-evidence-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _write_on_the_callers_thread() -> None:
    """Tests change the database and the role under the process, and count a thread's statements. The real writers are
    at work wherever tests start the programs themselves.
    """
    importlib.import_module("recoup.refunds.actions.submit")._writers = _Here()  # type: ignore[attr-defined]


class _Here:
    """Does at once what an executor would do on another thread."""

    def submit(self, work: Callable[..., Any], *asked: Any) -> Any:
        done: Future[Any] = Future()
        done.set_result(work(*asked))
        return done


def point(alias: str, url: str) -> None:
    from django.db import connections

    parts = urlsplit(url)
    connections[alias].close()
    connections[alias].settings_dict.update(
        NAME=parts.path.lstrip("/"),
        USER=unquote(parts.username or ""),
        PASSWORD=unquote(parts.password or ""),
        HOST=parts.hostname,
        PORT=parts.port,
    )


@pytest.fixture
def database(cluster: Any) -> Any:
    """The migrated database, entered as `web`."""
    return cluster


@contextmanager
def as_role(cluster: Any, role: str) -> Iterator[None]:
    """Inside, Django's connection of this thread belongs to another program's role."""
    from django.db import connection

    before = dict(connection.settings_dict)
    point("default", cluster.database_url(role))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update({key: before[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})


@pytest.fixture
def as_worker(database: Any) -> Callable[[], Any]:
    """A context in which everything is done as the worker program."""
    return lambda: as_role(database, "recoup_worker")


@dataclass
class Shop:
    """A company of one test, in practice mode, with a rail account."""

    id: UUID
    slug: str
    rail_account_id: UUID
    now: datetime
    number: int = 0
    orders: dict[str, UUID] = field(default_factory=dict)

    def order(self, *lines: tuple[str, int, int], **changes: Any) -> str:
        """Write an order, delivered yesterday, and give its number. A line: sku, quantity, price of all units."""
        from recoup.access import tenancy
        from recoup.orders.models import Order, OrderLine
        from recoup.payments.models import Capture

        self.number += 1
        number = f"{self.slug}-{self.number}"
        shipping = changes.pop("shipping_minor", 0)
        discount = changes.pop("discount_minor", 0)
        total = sum(price for _, _, price in lines) + shipping + discount
        line_changes = changes.pop("line", {})
        tenders = changes.pop("tenders", [total])
        values = {
            "email": f"mei@{self.slug}.example",
            "country": "SG",
            "currency": "SGD",
            "status": "delivered",
            "placed_at": self.now - timedelta(days=5),
            "shipped_at": self.now - timedelta(days=4),
            "delivered_at": self.now - timedelta(days=1),
            "as_of": self.now,
            "source": "test",
        } | changes

        @tenancy.action
        def write(*, merchant_id: UUID) -> None:
            order = Order.objects.create(
                merchant_id=merchant_id, number=number, paid_minor=total, shipping_minor=shipping, **values
            )
            self.orders[number] = order.id
            for position, (sku, quantity, price) in enumerate(lines, 1):
                OrderLine.objects.create(
                    merchant_id=merchant_id,
                    order=order,
                    position=position,
                    sku=sku,
                    title=f"The {sku}",
                    quantity=quantity,
                    list_minor=price,
                    order_discount_minor=discount if position == 1 else 0,
                    **line_changes,
                )
            for position, amount in enumerate(tenders):
                Capture.objects.create(
                    merchant_id=merchant_id,
                    order=order,
                    rail_account_id=self.rail_account_id,
                    position=position,
                    method="card" if position == 0 else "gift_card",
                    label="Visa •••• 4242",
                    provider_charge_id=f"ch_{number}_{position}",
                    currency=values["currency"],
                    captured_minor=amount,
                )

        write(merchant_id=self.id)
        return number


@pytest.fixture
def noon() -> datetime:
    """A moment of the test: the database's clock decides what is due, so it is now."""
    return datetime.now(UTC)


@pytest.fixture
def shop(database: Any, noon: datetime) -> Shop:
    """A fresh company."""
    return open_shop(noon)


def open_shop(noon: datetime) -> Shop:
    """One more company."""
    from recoup.access import tenancy
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from recoup.payments.models import RailAccount

    merchant_id, slug = ids.uuid7(), f"shop-{secrets.token_hex(4)}"
    merchants.register(
        merchant_id=merchant_id, slug=slug, name=f"The {slug}", country="SG", currency="SGD", by="test", at=noon
    )

    @tenancy.action
    def open_account(*, merchant_id: UUID) -> UUID:
        return RailAccount.objects.create(
            merchant_id=merchant_id, rail="stripe", label="Main", base_url="http://127.0.0.1:1", created_at=noon
        ).id

    return Shop(merchant_id, slug, open_account(merchant_id=merchant_id), noon)
