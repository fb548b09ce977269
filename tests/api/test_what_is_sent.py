"""Nothing that can be sent breaks the API, and it answers as its document says, whoever asks.

Schemathesis makes requests of the document, allowed ones and others, and looks at the answers with its own checks. The
row A-33 of `bin/proofs attacks` does the same to a running web, longer.
"""

import uuid
import zlib

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.api.callers import EVERYTHING, Caller

pytestmark = pytest.mark.slow
EXAMPLES = 6
#: Whatever somebody of that kind may not do is refused in the same shapes.
WHO = {
    "everything": EVERYTHING,
    "only reading": ("orders:read", "refunds:read"),
    "only orders": ("orders:read", "orders:write"),
    "only reviewing": ("refunds:review",),
    "only keys": ("keys:write",),
}


@pytest.fixture
def neighbour(shop, noon):
    """A server of another company, for which nothing of ours is there."""
    from recoup.kernel import ids
    from recoup.merchants import actions as merchants
    from tests.database import Shop

    other = ids.uuid7()
    merchants.register(
        merchant_id=other, slug=f"o-{other.hex[-10:]}", name="Other", country="SG", currency="SGD", by="test", at=noon
    )
    return Caller(Shop(other, "other", ids.uuid7(), noon))


@pytest.fixture
def ours(shop):
    """What there is: an order, a case that waits for a person, and a key to take away."""
    number = shop.order(("mug", 50, 5000))
    case = Caller(shop).ask(shop.order(("sofa", 1, 90_000))).json()
    return {"number": number, "case_id": case["id"], "key_id": str(Caller(shop, "orders:read").key_id)}


@pytest.mark.parametrize("who", [*WHO, "nobody", "a neighbour"])
def test_it_answers_as_its_document_says(who, shop, ours, neighbour):
    secret = {"nobody": "", "a neighbour": neighbour.secret}.get(who)
    if secret is None:
        secret = Caller(shop, *WHO[who]).secret

    sent = Sent(secret, ours)
    sent.everything()

    assert sent.wrong == []
    assert sent.statuses >= {"nobody": {401}, "a neighbour": {404}, "everything": {200, 201, 400, 404}}.get(who, {403})
    if who == "nobody":
        assert sent.statuses <= {400, 401, 405, 413, 415, 429}, sent.statuses


class Sent:
    """Everything that schemathesis makes of the document, sent with one key, and what was wrong about the answers."""

    def __init__(self, secret, ours):
        import schemathesis

        from recoup.config.wsgi import application

        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
        self.secret, self.ours = secret, ours
        self.wrong, self.statuses = [], set()

    def everything(self):
        for result in self.schema.get_all_operations():
            self._operation(result.ok())

    def _operation(self, operation):
        from hypothesis import given
        from hypothesis import strategies as st
        from schemathesis import GenerationMode

        modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=cases)
        def send(case):
            self._send(case)

        send()

    def _send(self, case):
        import schemathesis.checks  # noqa: F401 - fills the list of checks
        from schemathesis.core.failures import FailureGroup
        from schemathesis.specs.openapi import checks

        for name in case.path_parameters or {}:
            if name in self.ours and zlib.crc32(str(case.path_parameters[name]).encode()) % 3:
                case.path_parameters[name] = self.ours[name]
        if isinstance(case.body, dict) and "order_number" in case.body:
            case.body["order_number"] = self.ours["number"]
        headers = {"Host": "testserver", "Idempotency-Key": uuid.uuid4().hex}
        if self.secret:
            headers["Authorization"] = f"Bearer {self.secret}"
        response = case.call(headers=headers)
        self.statuses.add(response.status_code)
        held = [
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_headers_conformance,
            checks.response_schema_conformance,
        ]
        if response.status_code >= 500:
            self.wrong.append((case.method, case.path, case.body, response.status_code, response.text[:200]))
        try:
            case.validate_response(response, checks=held)
        except FailureGroup as found:
            self.wrong += [(case.method, case.path, str(failure)[:800]) for failure in found.exceptions]
