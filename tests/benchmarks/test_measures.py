"""Each measure runs through once, briefly, and says what it promises. How fast it is depends on the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).resolve().parents[2]


def measured(*words: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *words, "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_refunds_are_measured_beside_the_database_alone():
    found = measured("refunds", "--seconds", "3", "--warm-up", "2", "--limit-seconds", "2")

    assert list(found) == ["recoup_per_s", "limit_per_s", "ratio", "cpu_ms_per_refund", "p50_ms", "p99_ms"]
    assert 0 < found["recoup_per_s"] < found["limit_per_s"]
    assert found["cpu_ms_per_refund"] > 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]


def test_a_storm_is_weathered_in_time():
    found = measured("storm", "--complaints", "60")

    assert found["share_initiated_5min"] == 1.0
    assert 0 < found["p50_s"] <= found["p99_s"] <= found["slowest_s"]


def test_what_the_authorizer_costs_is_measured_beside_a_refund_request():
    found = measured("authorize", "--refunds", "5", "--rounds", "20")

    assert 0 < found["key_decision_us"] < found["key_decision_anew_us"]
    assert found["approval_decision_us"] > 0
    assert 0 <= found["share_of_refund_request_percent"] <= found["share_when_asked_anew_percent"] < 100


def test_pages_are_measured_among_many_cases():
    found = measured("pages", "--cases", "500", "--rounds", "2")

    assert found["cases"] >= 500
    assert {"front", "case", "desk", "desk: case"} <= set(found["pages"])
    for page in found["pages"].values():
        assert 0 < page["p50_ms"] <= page["p99_ms"]
        assert page["weight_kb"] > 1
    assert found["pages"]["front"]["queries"] <= 2
    assert found["pages"]["desk: all"]["queries"] == found["pages"]["desk: all, in the middle"]["queries"]
