"""A shopper signs in with another provider, by its button, in a real browser: a program of its own, somewhere else."""

import os
import secrets
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from proofs.attacks import other_doors
from tests.journeys.accessibility import assert_accessible
from tools.environment import PROJECT


@pytest.fixture
def web(house):
    """A web of the same house that knows the provider; its address."""
    environment = {**os.environ, **house.environment("web"), **other_doors.settings(house)}
    command = [sys.executable, "-m", "proofs.broken.door", "nothing"]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as door:
        yield f"http://127.0.0.1:{door.stdout.readline().strip()}"
        door.terminate()


def test_the_button_leads_to_the_provider_and_back_to_ones_account(page, house, web):
    email = f"lena-{secrets.token_hex(4)}@example.com"
    other_doors.known_there(house, email)
    page.goto(f"{web}/account/login/?next=/cases")
    assert_accessible(page)

    page.get_by_role("button", name="Sign in with Kopi ID").click()
    page.get_by_role("button", name=email).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("My refunds")
    expect(page.get_by_text(f"No shop here knows a refund for {email} yet.")).to_be_visible()
    assert page.url.startswith(web)
    assert_accessible(page)
