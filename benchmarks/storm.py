"""`bin/bench storm`: as many complaints as one likes, all in the same moment.

Eight of ten are such as the default policy approves at once; the others need evidence, a person, or were never bought.
Times count from the moment the client asks to the provider's acceptance, the wait at the door included.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
from collections import Counter
from typing import Any
from uuid import UUID

from benchmarks import load, shop
from recoup.config.private_house import PrivateHouse

PROGRAMS = ("provider", "town", "vault", "worker", "live", "web")
SECONDS_MAX = 320.0


def main(argv: list[str]) -> int:
    """Prints the figures, the last line being one JSON object."""
    parser = argparse.ArgumentParser(prog="bin/bench storm", description=__doc__)
    parser.add_argument("--complaints", type=int, default=1000, help="how many at once (%(default)s)")
    parser.add_argument("--json", action="store_true", help="only the last line")
    arguments = parser.parse_args(argv)
    _may_open(arguments.complaints + 200)
    with PrivateHouse(programs=PROGRAMS) as house:
        shop.enter(house)
        found, verdicts = _measure(house, arguments.complaints)
    if not arguments.json:
        print(f"verdicts: {dict(verdicts)}", file=sys.stderr)
    print(json.dumps(found), flush=True)
    return 0


def complaint(number: int) -> bytes:
    """The number decides what sort it is."""
    match number % 10:
        case 0:
            return load.request(f"B{number}", reason="not_as_described", goods_received=False)
        case 5:
            return load.request(f"NEVER-{number}")
        case _:
            return load.request(f"B{number}")


def _measure(house: PrivateHouse, complaints: int) -> tuple[dict[str, Any], Counter[str]]:
    from recoup.config.replaying import company as companies
    from recoup.config.replaying import figures

    company = shop.stock(house, orders=complaints)
    bodies = [complaint(number) for number in range(1, complaints + 1)]
    with companies.key_of(company) as api_key:
        asked = asyncio.run(load.all_at_once(house.running.web_url, api_key, bodies, seconds_max=SECONDS_MAX))
        asked_at = {UUID(case_id): at for at, case_id in asked}
        outcomes = figures.wait_until_done(company, list(asked_at))
    granted = [outcome for outcome in outcomes if outcome.is_granted]
    seconds = sorted(
        outcome.initiated_at.timestamp() - asked_at[outcome.case_id]
        for outcome in granted
        if outcome.initiated_at is not None
    )
    in_time = sum(1 for each in seconds if each <= figures.PROMISE.total_seconds())
    found = {
        "share_initiated_5min": round(in_time / len(granted), 6) if granted else 0.0,
        "p50_s": figures.quantile(seconds, 50),
        "p99_s": figures.quantile(seconds, 99),
        "slowest_s": figures.quantile(seconds, 100),
    }
    return found, Counter(outcome.verdict for outcome in outcomes)


def _may_open(files: int) -> None:
    """This process may hold that many connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < files:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (min(files, hard) if hard != resource.RLIM_INFINITY else files, hard)
        )
