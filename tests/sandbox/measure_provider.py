"""How much CPU the practice provider takes per refund: `python tests/sandbox/measure_provider.py [refunds] [callers]`.

Starts a provider of its own, seeds charges, lets a handful of callers refund them over keep-alive connections, with one
webhook endpoint that hears of refund.failed only, or of everything (`--all-events`).
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src"


def control(url: str, path: str, body: dict[str, object]) -> dict[str, object]:
    request = urllib.request.Request(url + path, json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        told: dict[str, object] = json.load(answer)
    return told


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def call(port: int, charges: list[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for charge in charges:
        body = f"charge={charge}&amount=100&metadata[recoup_payout]=p_{charge}&metadata[recoup_case]=c".encode()
        head = (
            f"POST /v1/refunds HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer sk_test_measure\r\n"
            f"Idempotency-Key: {charge}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in answer[:20], answer
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()


async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


async def run(url: str, pid: int, refunds: int, callers: int) -> None:
    port = int(url.rpartition(":")[2])
    hook = await asyncio.start_server(receive, "127.0.0.1", 0)
    hook_port = hook.sockets[0].getsockname()[1]
    control(url, "/_practice/accounts", {"id": "acct_measure", "secret_key": "sk_test_measure"})
    events = "*" if "--all-events" in sys.argv else "refund.failed"
    form = f"url=http://127.0.0.1:{hook_port}/hook&enabled_events[]={events}".encode()
    request = urllib.request.Request(url + "/v1/webhook_endpoints", form, {"Authorization": "Bearer sk_test_measure"})
    urllib.request.urlopen(request).read()
    begun, before = time.perf_counter(), cpu_s(pid)
    seeded = control(
        url,
        "/_practice/charges",
        {"account": "acct_measure", "charges": [{"amount": 1000, "currency": "gbp"}] * refunds},
    )
    seed_s, seed_cpu_s = time.perf_counter() - begun, cpu_s(pid) - before
    charges = [charge["id"] for charge in seeded["charges"]]  # type: ignore[index,attr-defined]
    begun, before = time.perf_counter(), cpu_s(pid)
    await asyncio.gather(*(call(port, charges[start::callers]) for start in range(callers)))
    wall_s, used_s = time.perf_counter() - begun, cpu_s(pid) - before
    print(
        json.dumps(
            {
                "refunds": refunds,
                "callers": callers,
                "events": events,
                "cpu_ms_per_refund": round(used_s * 1000 / refunds, 3),
                "refunds_per_s": round(refunds / wall_s),
                "seeded_charges_per_s": round(refunds / seed_s),
                "seed_cpu_us_per_charge": round(seed_cpu_s * 1e6 / refunds),
            }
        )
    )


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()] + [5000, 8]
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
        environment |= {"RECOUP_SANDBOX_DIR": directory, "RECOUP_PROVIDER_PORT": "0"}
        command = [sys.executable, "-m", "recoup_sandbox.provider"]
        provider = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert provider.stdout
        url = provider.stdout.readline().strip().partition("url=")[2]
        try:
            asyncio.run(run(url, provider.pid, numbers[0], numbers[1]))
        finally:
            provider.terminate()
            provider.wait()


if __name__ == "__main__":
    main()
