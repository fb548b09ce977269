"""How fast the same PostgreSQL does the least SQL of a refund: pgbench, statement by statement, in two transactions."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from recoup.config import cluster
from recoup.config.private_house import PrivateHouse

CLIENTS = 8
DATABASE = "bench_limit"
TABLES = """
CREATE TABLE refund (id bigserial PRIMARY KEY, shop bigint NOT NULL, state text NOT NULL, amount bigint NOT NULL);
CREATE TABLE line (id bigserial PRIMARY KEY, refund bigint NOT NULL REFERENCES refund, amount bigint NOT NULL);
CREATE TABLE event (id bigserial PRIMARY KEY, refund bigint NOT NULL, kind text NOT NULL,
    at timestamptz NOT NULL DEFAULT now());
CREATE TABLE job (id bigserial PRIMARY KEY, refund bigint NOT NULL, next_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE ledger (id bigserial PRIMARY KEY, refund bigint NOT NULL, account text NOT NULL, amount bigint NOT NULL);
CREATE TABLE outbox (id bigserial PRIMARY KEY, refund bigint NOT NULL, template text NOT NULL);
"""
SCRIPT = r"""
\set amount random(100, 100000)
\set shop random(1, 50)
BEGIN;
INSERT INTO refund (shop, state, amount) VALUES (:shop, 'approved', :amount * 2) RETURNING id AS refund \gset
INSERT INTO line (refund, amount) VALUES (:refund, :amount);
INSERT INTO line (refund, amount) VALUES (:refund, :amount);
INSERT INTO event (refund, kind) VALUES (:refund, 'approved');
INSERT INTO job (refund) VALUES (:refund) RETURNING id AS job \gset
COMMIT;
BEGIN;
UPDATE refund SET state = 'paid' WHERE id = :refund;
DELETE FROM job WHERE id = :job;
INSERT INTO ledger (refund, account, amount) VALUES (:refund, 'reserved', :amount * 2);
INSERT INTO ledger (refund, account, amount) VALUES (:refund, 'provider', -(:amount * 2));
INSERT INTO event (refund, kind) VALUES (:refund, 'paid');
INSERT INTO outbox (refund, template) VALUES (:refund, 'sent');
COMMIT;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What PostgreSQL alone does: refunds per second, and its own processor time for each."""

    per_s: float
    cpu_ms: float


def measure(house: PrivateHouse, *, seconds: int) -> Limit:
    """The least SQL of a refund for 8 clients, in a database of its own that is gone afterwards."""
    house.create_database(DATABASE)
    try:
        owner = urlsplit(house.database_url("recoup_owner"))
        with house.superuser(DATABASE) as connection:
            connection.execute("SET ROLE recoup_owner")
            connection.execute(TABLES)
        with tempfile.TemporaryDirectory(prefix="recoup-bench-") as directory:
            script = Path(directory) / "refund.sql"
            script.write_text(SCRIPT, encoding="utf-8")
            began_s = house.cpu_seconds("postgres")
            per_s = _pgbench(script, seconds=seconds, owner=owner)
            spent_s = house.cpu_seconds("postgres") - began_s
        return Limit(per_s=per_s, cpu_ms=spent_s * 1000 / (per_s * seconds))
    finally:
        house.drop_database(DATABASE)


def _pgbench(script: Path, *, seconds: int, owner: SplitResult) -> float:
    command = [str(cluster.binaries() / "pgbench"), "--no-vacuum", "--client", str(CLIENTS), "--jobs", "2"]
    command += ["--protocol", "simple", "--time", str(seconds), "--file", str(script)]
    command += ["--host", str(owner.hostname), "--port", str(owner.port), "--username", str(owner.username), DATABASE]
    environment = {**os.environ, "PGPASSWORD": owner.password or ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+) \(without", done.stdout)
    if done.returncode or found is None:
        raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
    return float(found.group(1))
