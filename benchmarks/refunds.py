"""`bin/bench refunds`: refunds per second from request to queued message, beside what PostgreSQL alone could do.

A refund counts when the provider has accepted it, the books are written and the message that says so is in the queue.
The load pauses whenever the backlog grows, so the rate is one that the programs can keep up. The processor time is that
of all Recoup programs and PostgreSQL, without the provider, the town and the client. What comes after the queue, to
send the mail, is measured with `--with-mail`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from benchmarks import limit, load, shop
from recoup.config.private_house import PrivateHouse

PROGRAMS = ("provider", "town", "vault", "worker", "live", "web")
OURS = ("web", "worker", "vault", "live", "postgres")
ORDERS_PER_SECOND_MAX = 400
SENT = "sent"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was done and what it had cost until then."""

    at: datetime
    done: int
    cpu_s: dict[str, float]
    backlog: int


def main(argv: list[str]) -> int:
    """Prints the figures, the last line being one JSON object."""
    parser = argparse.ArgumentParser(prog="bin/bench refunds", description=__doc__)
    parser.add_argument("--json", action="store_true", help="only the last line")
    parser.add_argument("--seconds", type=int, default=20, help="of measured load (%(default)s)")
    parser.add_argument("--warm-up", type=int, default=5, help="seconds of load before that (%(default)s)")
    parser.add_argument("--limit-seconds", type=int, default=10, help="of pgbench (%(default)s)")
    parser.add_argument("--connections", type=int, default=32, help="of the merchants' systems (%(default)s)")
    parser.add_argument("--with-mail", action="store_true", help="the worker also sends each queued message by SMTP")
    arguments = parser.parse_args(argv)
    settings = {} if arguments.with_mail else {"worker": {"RECOUP_STATIONS": _until_queued()}}
    with PrivateHouse(programs=PROGRAMS, program_settings=settings) as house:
        shop.enter(house)
        found, parts = _measure(house, arguments)
    if not arguments.json:
        _tell(parts)
    print(json.dumps(found), flush=True)
    return 0


def _until_queued() -> str:
    """Every station of the worker but the one that sends what is queued."""
    from recoup.config.stations import STATIONS

    return ",".join(station.name for station in STATIONS if station.name != "messages")


def _measure(house: PrivateHouse, arguments: argparse.Namespace) -> tuple[dict[str, Any], dict[str, Any]]:
    from recoup.config.replaying import company as companies

    count = (arguments.seconds + arguments.warm_up) * ORDERS_PER_SECOND_MAX
    company = shop.stock(house, orders=count)
    with companies.key_of(company) as api_key:
        run = load.Load(
            web_url=house.running.web_url,
            api_key=api_key,
            bodies=load.whole_orders(1, count),
            finished=lambda: finished(merchant_id=company.id),
            connections=arguments.connections,
        )
        began, ended = asyncio.run(_loaded(house, company.id, run, arguments))
    if run.refused or run.is_over:
        raise RuntimeError(f"{len(run.refused)} refused (first: {run.refused[:1]}), orders ran out: {run.is_over}")
    wall_s = (ended.at - began.at).total_seconds()
    done = ended.done - began.done
    seconds = waits(merchant_id=company.id, since=began.at, until=ended.at)
    alone = limit.measure(house, seconds=arguments.limit_seconds)
    cpu_ms = {name: (ended.cpu_s[name] - began.cpu_s[name]) * 1000 / done for name in OURS}
    found = {
        "recoup_per_s": round(done / wall_s, 1),
        "limit_per_s": round(alone.per_s, 1),
        "ratio": round(done / wall_s / alone.per_s, 3),
        "cpu_ms_per_refund": round(sum(cpu_ms.values()), 2),
        "p50_ms": _quantile_ms(seconds, 50),
        "p99_ms": _quantile_ms(seconds, 99),
    }
    parts = {
        "refunds": done,
        "backlog_at_begin": began.backlog,
        "backlog_at_end": ended.backlog,
        "cpu_ms_per_refund_of": {name: round(spent, 2) for name, spent in cpu_ms.items()},
        "cpu_ms_of_postgres_at_the_limit": round(alone.cpu_ms, 2),
    }
    return found, parts


async def _loaded(
    house: PrivateHouse, merchant_id: UUID, run: load.Load, arguments: argparse.Namespace
) -> tuple[Moment, Moment]:
    over = asyncio.Event()
    asking = asyncio.create_task(run.run(until=over))
    try:
        await asyncio.sleep(arguments.warm_up)
        await asyncio.to_thread(_as_on_the_second_day, house)
        began = await asyncio.to_thread(_moment, house, merchant_id, run)
        await asyncio.wait({asking}, timeout=arguments.seconds)
        ended = await asyncio.to_thread(_moment, house, merchant_id, run)
    finally:
        over.set()
        await asking
    return began, ended


def _as_on_the_second_day(house: PrivateHouse) -> None:
    """The planner knows the tables, as it does wherever autovacuum has passed once: plans made for empty tables go."""
    with house.superuser() as connection:
        connection.execute("ANALYZE")


def _moment(house: PrivateHouse, merchant_id: UUID, run: load.Load) -> Moment:
    from recoup.kernel import clock

    cpu_s = {name: house.cpu_seconds(name) for name in OURS}
    done = finished(merchant_id=merchant_id)
    return Moment(at=clock.now(), done=done, cpu_s=cpu_s, backlog=run.accepted - done)


def finished(*, merchant_id: UUID) -> int:
    """How many refunds of the merchant have reached the end: accepted, in the books, and the message queued."""
    rows = _ask(
        "SELECT count(*) FROM notifications_message WHERE merchant_id = %s AND template = %s", merchant_id, SENT
    )
    return int(rows[0][0])


def waits(*, merchant_id: UUID, since: datetime, until: datetime) -> list[float]:
    """Seconds from request to the provider's acceptance, ascending, of the refunds asked for between two moments."""
    rows = _ask(
        "SELECT extract(epoch FROM initiated_at - requested_at)::float8 FROM refunds_case WHERE merchant_id = %s"
        " AND requested_at BETWEEN %s AND %s AND initiated_at IS NOT NULL ORDER BY 1",
        merchant_id,
        since,
        until,
    )
    return [row[0] for row in rows]


def _ask(sql: str, merchant_id: UUID, *values: Any) -> list[Any]:
    from django.db import connection

    from recoup.access import tenancy

    @tenancy.query
    def ask(*, merchant_id: UUID) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, [merchant_id, *values])
            return list(cursor.fetchall())

    return ask(merchant_id=merchant_id)


def _quantile_ms(seconds: list[float], percent: int) -> int:
    from recoup.config.replaying.figures import quantile

    return round(quantile(seconds, percent) * 1000)


def _tell(parts: dict[str, Any]) -> None:
    for name, value in parts.items():
        print(f"{name.replace('_', ' ')}: {value}", file=sys.stderr)
