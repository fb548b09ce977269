"""The OpenAPI document is valid, and the API does what it says, also with what nobody would send."""

import uuid

import pytest
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator

from tests.api.callers import Caller

pytestmark = pytest.mark.slow
EXAMPLES = 8


@pytest.fixture
def document(caller):
    response = caller.get("/openapi.json", secret="")
    assert response.status_code == 200
    return response.json()


def test_the_document_is_openapi_3_1_and_its_schemas_are_schemas(document):
    assert document["openapi"].startswith("3.1")
    assert {"/api/v1/refunds", "/api/v1/refunds/{case_id}", "/api/v1/keys"} <= set(document["paths"])
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_has_a_name_of_its_own_a_sentence_and_a_lock(document):
    operations = [
        operation
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    names = [operation["operationId"] for operation in operations]

    assert len(set(names)) == len(names)
    assert all(operation["summary"] for operation in operations)
    assert all(operation["security"] for operation in operations)


def test_every_body_refuses_unknown_fields(document):
    bodies = {
        operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for path in document["paths"].values()
        for operation in path.values()
        if "$ref" in operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    }

    assert {"RefundIn", "ApproveIn", "WordsIn", "KeyIn"} <= bodies
    for name in bodies:
        assert document["components"]["schemas"][name].get("additionalProperties") is False, name


def test_nothing_that_can_be_sent_breaks_it(document, shop):
    """Schemathesis, in this process: what the document allows and what it does not, never answered by a 5xx."""
    import schemathesis
    from schemathesis import GenerationMode

    from recoup.config.wsgi import application

    caller = Caller(shop)
    number = shop.order(("mug", 50, 5000))
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    broken, statuses = [], set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @_given_for(operation, [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
        def send(case):
            if isinstance(case.body, dict) and "order_number" in case.body:
                case.body["order_number"] = number
            headers = {
                "Authorization": f"Bearer {caller.secret}",
                "Idempotency-Key": uuid.uuid4().hex,
                "Host": "testserver",
            }
            response = case.call(headers=headers)
            statuses.add(response.status_code)
            if response.status_code >= 500:
                broken.append((case.method, case.path, case.body, response.status_code, response.text[:200]))
            if response.status_code >= 400:
                kind = response.headers.get("content-type", ["?"])
                if "application/problem+json" not in str(kind):
                    broken.append((case.method, case.path, response.status_code, kind))

        send()

    assert broken == []
    assert {200, 201, 400, 404} <= statuses


def _given_for(operation, modes):
    from hypothesis import given
    from hypothesis import strategies as st

    return given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes)))
