"""Every example of the page at /developers is run as it stands there: Shell in a shell, Python in Python."""

import html
import json
import os
import re
import subprocess
import sys
import urllib.request
import uuid

import pytest

from tests.docs.runner import ROOT

_EXAMPLE = re.compile(r'<code id="sample-([a-z_-]+)" data-run="(\w+)">(.*?)</code>', re.DOTALL)
#: Answers are shown and refusals end the command, whatever the example says.
CURLRC = "silent\nshow-error\nfail-with-body\n"
#: What an example of ours is never refused with.
OUR_MISTAKES = {
    "invalid_request",
    "not_authenticated",
    "ACCESS_DENIED",
    "unsupported_media_type",
    "internal",
    "try_again",
}
WORLD = ("start-shell", "start-python", "pagination-python", "webhooks-python")


class Reader:
    """Somebody who copies examples into a shell and a Python that they keep open."""

    def __init__(self, place, home):
        url = place.translate("http://127.0.0.1:8000")
        (home / ".curlrc").write_text(CURLRC)
        self._place = place
        self._endpoint = None
        self.url = url
        self.key = json.loads((place.data_dir / "demo.json").read_text())["api_keys"][0]["key"]
        self.environment = {
            **os.environ,
            "HOME": str(home),
            "CURL_HOME": str(home),
            "RECOUP_URL": url,
            "RECOUP_API_KEY": self.key,
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "clients/python/src"),
        }
        with urllib.request.urlopen(f"{url}/developers") as answer:
            page = answer.read().decode()
        self.examples = {name: (language, html.unescape(text)) for name, language, text in _EXAMPLE.findall(page)}
        with urllib.request.urlopen(f"{url}/api/v1/openapi.json") as answer:
            self.document = json.loads(answer.read())

    def runs(self, name, **named):
        """What it prints."""
        code, said = self.tries(name, **named)
        assert code == 0, f"{name}:\n{self.examples[name][1]}\n{said}"
        return said

    def tries(self, name, **named):
        """How it ends and what it prints. A Python example follows the one of "Getting started"."""
        language, text = self.examples[name]
        text = self._place.translate(text)
        if language == "python":
            before = "" if name == "start-python" else f"{self.examples['start-python'][1]}\n"
            command = [sys.executable, "-W", "error", "-c", before + text]
        else:
            command = ["bash", "-eu", "-o", "pipefail", "-c", text]
        finished = subprocess.run(
            command,
            cwd=ROOT,
            env={**self.environment, **named},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return finished.returncode, finished.stdout + finished.stderr

    def runs_or_is_refused(self, name, operation, placed):
        """Nobody has set a scene: it works, or is refused as the document says. A mistake in the example is neither."""
        codes = {
            code
            for answer in operation["responses"].values()
            for code in answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
        }
        code, said = self.tries(name, **{place.upper(): str(uuid.uuid4()) for place in placed})
        assert code == 0 or set(re.findall(r"\w+", said)) & (codes - OUR_MISTAKES), f"{name}: {said}"

    def post(self, path, body):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                   "Idempotency-Key": uuid.uuid4().hex}  # fmt: skip
        request = urllib.request.Request(f"{self.url}/api/v1{path}", json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    # What has to be there before an example: each example gets something of its own.

    def case(self, *, then="", **wish):
        """A sofa's case, which waits for a person."""
        number = f"DEV-{uuid.uuid4().hex[:12]}"
        order = json.loads(json.dumps(self._body("put_order")).replace("EX-20481", number))
        self.post("/orders", order | {"email": f"{number.lower()}@example.com"})
        wanted = {"order_number": number, "reason": "damaged", "items": [{"sku": "SOFA", "quantity": 1}],
                  "words": "The leg is broken off."}  # fmt: skip
        case_id = self.post("/refunds", wanted | wish)["id"]
        if then:
            self.post(f"/refunds/{case_id}/{then}", {"words": "The photo shows normal wear."})
        return {"CASE_ID": case_id}

    def endpoint(self):
        """A webhook endpoint of the practice town, with a message that waits for it."""
        endpoint_id = self.post("/webhook-endpoints", self._body("create_webhook_endpoint"))["id"]
        delivery_id = self.post(f"/webhook-endpoints/{endpoint_id}/test", {})["delivery_id"]
        return {"ENDPOINT_ID": endpoint_id, "DELIVERY_ID": delivery_id}

    def same_endpoint(self):
        """One for all examples that leave it there: a company has ten."""
        self._endpoint = self._endpoint or self.endpoint()
        return self._endpoint

    def _body(self, name):
        for path in self.document["paths"].values():
            for operation in path.values():
                if operation["operationId"] == name:
                    return operation["requestBody"]["content"]["application/json"]["example"]
        raise AssertionError(f"there is no {name}")

    def new_key(self):
        return {"KEY_ID": self.post("/keys", {"label": "an example", "scopes": ["orders:read"]})["id"]}


def nothing(_reader):
    """The practice company has all that it takes."""
    return {}


SCENES = {
    "get_company": nothing,
    "put_order": nothing,
    "put_orders": nothing,
    "list_orders": nothing,
    "create_refund": nothing,
    "list_refunds": nothing,
    "create_key": nothing,
    "get_order": lambda reader: {"NUMBER": "EX-20481"},
    "get_refund": Reader.case,
    "show_evidence": Reader.case,
    "withdraw_refund": Reader.case,
    "give_guest_token": Reader.case,
    "revoke_guest_tokens": Reader.case,
    "approve_refund": Reader.case,
    "reject_refund": Reader.case,
    "ask_evidence": Reader.case,
    "appeal_refund": lambda reader: reader.case(then="reject"),
    "grade_goods": lambda reader: reader.case(reason="changed_mind", items=[{"sku": "CUP", "quantity": 10}]),
    "list_webhook_endpoints": nothing,
    "create_webhook_endpoint": nothing,
    "get_webhook_endpoint": Reader.same_endpoint,
    "change_webhook_endpoint": Reader.same_endpoint,
    "remove_webhook_endpoint": Reader.endpoint,
    "rotate_webhook_secret": Reader.same_endpoint,
    "test_webhook_endpoint": Reader.same_endpoint,
    "replay_failed_webhooks": Reader.same_endpoint,
    "list_webhook_deliveries": Reader.same_endpoint,
    "get_webhook_delivery": Reader.same_endpoint,
    "replay_webhook_delivery": Reader.same_endpoint,
    "rotate_key": Reader.new_key,
    "revoke_key": Reader.new_key,
}


@pytest.fixture(scope="module")
def reader(place, tmp_path_factory):
    return Reader(place, tmp_path_factory.mktemp("reader"))


def test_every_example_does_what_it_says(reader):
    operations = {
        operation["operationId"]: (operation, re.findall(r"{(\w+)}", path))
        for path, item in reader.document["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    }
    asked = {f"{name}-{language}" for name in operations for language in ("shell", "python")}
    assert set(reader.examples) == asked | set(WORLD), "an example is on the page that nobody runs"
    for name in ("start-shell", "start-python", "webhooks-python"):
        reader.runs(name)
    for name, (operation, placed) in operations.items():
        for language in ("shell", "python"):
            if name in SCENES:
                reader.runs(f"{name}-{language}", **SCENES[name](reader))
            else:
                reader.runs_or_is_refused(f"{name}-{language}", operation, placed)
    assert "RC-" in reader.runs("pagination-python")


def test_the_examples_find_the_key_of_the_practice_company(reader):
    language, text = reader.examples["start-shell"]
    command = ["bash", "-c", reader._place.translate(text) + '\necho "$RECOUP_URL $RECOUP_API_KEY"']
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert language == "shell"
    assert told.split() == [reader.url, reader.key]


def test_an_example_that_is_wrong_is_seen(reader):
    reader.examples["wrong-shell"] = ("shell", reader.examples["get_order-shell"][1])
    reader.examples["wrong-python"] = (
        "python",
        reader.examples["get_order-python"][1].replace("quantity_free", "free"),
    )
    try:
        for name, number in (("wrong-shell", "NOT-THERE"), ("wrong-python", "EX-20481")):
            with pytest.raises(AssertionError):
                reader.runs(name, NUMBER=number)
    finally:
        del reader.examples["wrong-shell"], reader.examples["wrong-python"]
