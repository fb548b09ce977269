"""Every house rule shown a bad example, which it must find, and a good one, which it must leave alone."""

import subprocess
import textwrap

import pytest

from tools.lints import house, shapes
from tools.lints.source import Source

REFUNDS = "src/recoup/refunds"
LONG_BODY = "\n".join(f"    step_{number}()" for number in range(shapes.FUNCTION_LINES_MAX + 1))
LONG_FILE = "\n".join(f"LINE_{number} = {number}" for number in range(shapes.FILE_LINES_MAX + 1))
HOST = ".".join(["py" + "pi", "org"])

BAD = [
    ("float-near-money", f"{REFUNDS}/policy.py", "fee = amount_minor * 0.029"),
    ("float-near-money", f"{REFUNDS}/policy.py", "half_minor = amount_minor / 2"),
    ("float-near-money", "src/recoup/ledger/queries.py", "def balance(account) -> float: ..."),
    ("float-near-money", "src/recoup_vault/rails.py", "amount = float(answer['amount'])"),
    ("float-near-money", "src/recoup/payments/journals.py", "total_minor /= count"),
    ("no-now", f"{REFUNDS}/actions/approve.py", "def approve(*, case_id):\n    decided_at = now()"),
    ("no-now", f"{REFUNDS}/queries.py", "late = clock.now() > due"),
    ("no-now", f"{REFUNDS}/policy.py", "today = date.today()"),
    ("no-now", f"{REFUNDS}/models.py", "opened_at = models.DateTimeField(auto_now_add=True)"),
    ("no-now", f"{REFUNDS}/models.py", "opened_at = models.DateTimeField(default=timezone.now)"),
    ("no-now", "src/recoup/web/pages.py", "at = datetime.now(UTC)"),
    ("no-save", f"{REFUNDS}/actions/approve.py", "def approve(*, case):\n    case.save(update_fields=['state'])"),
    ("no-save", "src/recoup/web/pages.py", "form.save()"),
    ("writes-in-actions", f"{REFUNDS}/queries.py", "Case.objects.filter(id=id).update(state='paid')"),
    ("writes-in-actions", "src/recoup/web/pages.py", "Case.objects.create(state='new')"),
    ("no-hidden-hooks", f"{REFUNDS}/jobs.py", "from django.db.models.signals import post_save"),
    ("no-hidden-hooks", f"{REFUNDS}/jobs.py", "from django.dispatch import receiver"),
    ("no-hidden-hooks", f"{REFUNDS}/models.py", "class Case(Model):\n    def save(self): ..."),
    ("function-too-long", f"{REFUNDS}/policy.py", f"def judge():\n{LONG_BODY}"),
    ("file-too-long", f"{REFUNDS}/policy.py", f'"""Rules."""\n{LONG_FILE}'),
    ("vague-name", "src/recoup/refunds/utils.py", ""),
    ("vague-name", "src/recoup/refunds/helpers/dates.py", ""),
    ("keyword-only", f"{REFUNDS}/actions/approve.py", "def approve(case_id, *, at): ..."),
    ("keyword-only", f"{REFUNDS}/queries.py", "def cases_of(shopper, merchant): ..."),
    ("keyword-only", "src/recoup/ledger/transactional.py", "def post(*journals): ..."),
    ("one-verb", f"{REFUNDS}/actions/approve.py", "def approve(*, at): ...\ndef reject(*, at): ..."),
    ("one-verb", f"{REFUNDS}/actions/approve.py", "def accept(*, at): ..."),
    ("one-verb", f"{REFUNDS}/actions/__init__.py", "def approve(*, at): ..."),
    ("transaction-in-action", f"{REFUNDS}/queries.py", "with transaction.atomic():\n    pass"),
    ("transaction-in-action", "src/recoup/ledger/transactional.py", "@atomic\ndef post(journal): ..."),
    (
        "network-in-transaction",
        f"{REFUNDS}/actions/pay.py",
        "@transaction.atomic\ndef pay(*, at):\n    requests.get(u)",
    ),
    (
        "network-in-transaction",
        "src/recoup_vault/answers.py",
        "with connection.transaction():\n    stripe.Refund.create()",
    ),
    ("network-in-transaction", f"{REFUNDS}/actions/pay.py", "with atomic(durable=True):\n    time.sleep(1)"),
    ("counter-only", f"{REFUNDS}/actions/approve.py", "from recoup.payments import models"),
    ("counter-only", "src/recoup/web/pages.py", "from recoup.refunds.models import Case"),
    ("counter-only", "src/recoup/web/pages.py", "import recoup.refunds.judging"),
    ("migration-name", f"{REFUNDS}/migrations/0002_auto_20260101.py", ""),
    ("migration-name", f"{REFUNDS}/migrations/0002_case_amount_and_more.py", ""),
    ("registry-host", "docs/install.md", f"Fetch it from https://{HOST}/simple."),
    ("registry-host", "requirements/run.lock", "--extra-index" + "-url https://example.com"),
    ("lock-with-addresses", "uv" + ".lock", ""),
    ("about-the-writing", "docs/tour.md", "Written with the help of an A" + "I."),
    ("allowance", f"{REFUNDS}/policy.py", "weight = 1.5  # house: allow float-near-money"),
    ("allowance", f"{REFUNDS}/policy.py", "weight = 1  # house: allow float-near-money because it once was a float"),
    ("syntax", f"{REFUNDS}/policy.py", "def judge(:"),
]

GOOD = [
    (f"{REFUNDS}/policy.py", "half_minor, rest_minor = divmod(amount_minor, 2)"),
    (f"{REFUNDS}/policy.py", "risk_score: float = 0.4\nprovider_timeout_s = 2.5"),
    ("src/recoup_vault/rails.py", "def call(*, timeout_s: float = 15.0): time.sleep(0.2)"),
    ("src/recoup/kernel/heartbeat.py", "beat = directory / f'{name}-{pid}'"),
    ("src/recoup/web/charts.py", "share = paid / asked"),
    (
        f"{REFUNDS}/actions/approve.py",
        "def approve(*, case_id: UUID, at: datetime) -> Case:\n    case.move_to(APPROVED)",
    ),
    (f"{REFUNDS}/api.py", "actions.approve(case_id=case_id, at=now())"),
    (f"{REFUNDS}/jobs.py", "actions.expire(case_id=case_id, at=clock.now())"),
    ("src/recoup/web/pages.py", "image.save(buffer, 'JPEG')"),
    (
        f"{REFUNDS}/models.py",
        "class Case(Model):\n    def move_to(self, state):\n        self.save(update_fields=['state'])",
    ),
    (f"{REFUNDS}/actions/submit.py", "def submit(*, at):\n    Case.objects.create(opened_at=at)"),
    (f"{REFUNDS}/actions/submit.py", "class OverRefund(Exception): ...\ndef submit(*, at): ...\ndef _cap(case): ..."),
    (f"{REFUNDS}/actions/__init__.py", "from recoup.refunds.actions.submit import submit"),
    (f"{REFUNDS}/queries.py", "def case_for_update(case_id: UUID, *, wait: bool = True): ..."),
    (f"{REFUNDS}/actions/pay.py", "@transaction.atomic(durable=True)\ndef pay(*, at):\n    jobs.send.enqueue()"),
    (f"{REFUNDS}/jobs.py", "answer = gateways.rail_for(payout).refund(payout)"),
    (f"{REFUNDS}/actions/approve.py", "from recoup.payments import transactional\ndef approve(*, at): ..."),
    (f"{REFUNDS}/actions/approve.py", "from recoup.refunds import models\ndef approve(*, at): ..."),
    ("src/recoup/api/assembly.py", "from recoup.refunds import api"),
    ("src/recoup/config/programs/worker.py", "from recoup.refunds import jobs"),
    (f"{REFUNDS}/policy.py", f'"""Rules. This file is long because the table is one table."""\n{LONG_FILE}'),
    (f"{REFUNDS}/policy.py", "kg = 1.5  # house: allow float-near-money because this is a parcel in kilograms"),
    (f"{REFUNDS}/policy.py", "# house: allow float-near-money because this is a parcel in kilograms\nkg = 1.5"),
    (f"{REFUNDS}/migrations/0003_one_live_payout_per_leg.py", ""),
    (f"{REFUNDS}/migrations/0001_initial.py", ""),
    ("src/recoup/web/templates/allauth/layouts/base.html", "<main></main>"),
    ("docs/tour.md", "Ask for a refund, and see the maintained timeline said aloud."),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_broken_rule_is_found(rule, path, text):
    found = house.judge(Source(path=path, text=text))

    assert rule in {finding.rule for finding in found}


@pytest.mark.parametrize(("path", "text"), GOOD)
def test_a_good_example_is_left_alone(path, text):
    assert house.judge(Source(path=path, text=text)) == []


def test_every_rule_of_the_house_is_shown_here():
    shown = {rule for rule, _, _ in BAD} | {"migration-line"}

    assert {rule for page in house.PAGES for rule in page.RULES} <= shown


def test_migrations_of_a_context_form_one_line():
    first = _migration("0001_initial", after="")
    second = _migration("0002_a_case_has_an_owner", after="0001_initial")
    gap = _migration("0004_amounts_are_positive", after="0002_a_case_has_an_owner")
    fork = _migration("0003_reasons_are_words", after="0001_initial")

    assert house.findings([first, second]) == []
    assert [finding.rule for finding in house.findings([first, second, gap])] == ["migration-line"]
    assert [finding.rule for finding in house.findings([first, second, fork])] == ["migration-line"]


def _migration(name, *, after):
    text = f"""
        class Migration:
            dependencies = [("refunds", "{after}")]
    """
    return Source(path=f"{REFUNDS}/migrations/{name}.py", text=textwrap.dedent(text))


def test_a_finding_says_where_and_what_to_do_instead():
    (finding,) = house.judge(Source(path="src/recoup/web/pages.py", text="\nform.save()"))

    assert str(finding).startswith("src/recoup/web/pages.py:2: no-save: only models.py saves a row")


def test_the_project_is_read_as_git_sees_it(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    (tmp_path / "ignored.py").write_text("")
    (tmp_path / "seen.py").write_text("")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0")

    assert [source.path for source in house.sources(tmp_path)] == [".gitignore", "seen.py"]
