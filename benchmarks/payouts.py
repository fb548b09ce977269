"""How much processor time a payout costs in the vault, in applying its answer, and in PostgreSQL.

    python -m benchmarks.payouts [COUNT]

Starts a database and the practice provider of its own and leaves nothing behind.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]


def main(count: int) -> None:
    """Reserve `count` payouts, let one vault pay them, apply the answers as they come, and print milliseconds each."""
    from recoup.config.private_house import PrivateHouse
    from tests import database
    from tests.sandbox.programs import start

    with PrivateHouse(cluster_only=True) as house, tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, **house.environment("owner"), "PYTHONPATH": str(ROOT / "src")}
        command = [sys.executable, "-W", "ignore", "-m", "recoup.config.manage", "migrate", "-v", "0"]
        subprocess.run(command, env=environment, check=True)
        database._set_up_django(house)  # noqa: SLF001 - the tests' way in
        provider = start("recoup_sandbox.provider", Path(directory))
        try:
            _measure(house, provider, count)
        finally:
            provider.stop()


def _measure(house: object, provider: object, count: int) -> None:
    from recoup.payments import actions
    from tests.payments.market import as_role, now, open_market, start_vault

    market = open_market(house, provider)
    captures = [market.capture(1_000_000) for _ in range(20)]
    payouts = [payout for capture in captures for payout in market.reserve(capture, *[100] * (count // 20))]
    postgres = house.process("postgres")  # type: ignore[attr-defined]
    vault = start_vault(house)
    vault_process = psutil.Process(vault.pid)
    time.sleep(0)
    began, applied, batches = time.monotonic(), 0, 0
    before = {"postgres": _spent(postgres), "worker": time.process_time()}
    with as_role(house, "recoup_worker"):
        while applied < len(payouts):
            done = actions.apply_answers(at=now())
            applied, batches = applied + done, batches + bool(done)
            if not done:
                time.sleep(0.005)
    wall = time.monotonic() - began
    spent = {
        "vault (start included)": vault_process.cpu_times().user + vault_process.cpu_times().system,
        "applying": time.process_time() - before["worker"],
        "postgres": _spent(postgres) - before["postgres"],
    }
    vault.terminate()
    vault.communicate()
    print(
        f"{applied} payouts in {wall:.1f} s: {applied / wall:.0f} per second, {applied / batches:.1f} answers a batch"
    )
    for name, seconds in spent.items():
        print(f"{name:<24} {seconds / applied * 1000:.2f} ms per payout")
    print("double payments:", market.moved()["double_payments"])


def _spent(process: psutil.Process) -> float:
    total = sum(process.cpu_times()[:4])
    for child in process.children(recursive=True):
        total += sum(child.cpu_times()[:2])
    return total


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
