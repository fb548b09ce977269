"""The OpenAPI document is valid, complete, and says of each operation what a reader needs."""

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.api.shapes import checker

PROBLEM = "application/problem+json"
EVERYWHERE = ("400", "401", "403", "429", "500", "503")
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def document(caller):
    response = caller.get("/openapi.json", secret="")
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def holds(document):
    return checker(document)


def operations(document):
    for path, item in document["paths"].items():
        for method in set(METHODS) & set(item):
            yield method.upper(), path, item[method]


def test_a_validator_of_others_takes_it_for_openapi_3_1(document):
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_address_of_the_api_is_in_it(document):
    from recoup.api.v1 import api

    served = {
        (method, operation.view_func)
        for router in api._get_bound_routers()
        for view in router.path_operations.values()
        for operation in view.operations
        for method in operation.methods
    }
    assert len(list(operations(document))) == len(served)
    assert len(served) >= 17


def test_every_operation_says_what_a_reader_needs(document):
    missing, names = [], []
    for method, path, operation in operations(document):
        here = f"{method} {path}"
        names.append(operation["operationId"])
        missing += [f"{here} has no {word}" for word in ("summary", "description", "operationId", "tags", "security")
                    if not operation.get(word)]  # fmt: skip
        missing += [f"{here} does not say how it answers {status}"
                    for status in EVERYWHERE if status not in operation["responses"]]  # fmt: skip
        if "{" in path and "404" not in operation["responses"]:
            missing.append(f"{here} does not say that something may not be there")
        if not any(status < "300" for status in operation["responses"]):
            missing.append(f"{here} never succeeds")
        missing += [f"{here}: {parameter['name']} has no description" for parameter in operation["parameters"]
                    if not parameter.get("description")]  # fmt: skip
        missing += [f"{here}: {status} has no description" for status, answer in operation["responses"].items()
                    if len(answer.get("description", "")) < 3]  # fmt: skip
    assert missing == []
    assert len(set(names)) == len(names)
    assert all(tag["description"] for tag in document["tags"]), document["tags"]


def test_every_answer_has_a_shape_an_example_that_fits_and_its_headers(document, holds):
    wrong = []
    for method, path, operation in operations(document):
        for status, answer in operation["responses"].items():
            here = f"{method} {path} {status}"
            if status == "204":
                continue
            (kind,) = answer["content"]
            content = answer["content"][kind]
            if status >= "400":
                assert kind == PROBLEM, here
                examples = [example["value"] for example in content["examples"].values()]
            else:
                assert content["schema"].get("$ref"), f"{here} has no schema with a name"
                examples = [content["example"]]
            wrong += [f"{here}: {words}" for example in examples for words in holds(example, content["schema"])]
            assert "X-Request-Id" in answer["headers"], here
            assert status not in ("429", "503") or "Retry-After" in answer["headers"], here
    assert wrong == []


def test_every_body_has_an_example_that_fits_and_refuses_unknown_fields(document, holds):
    wrong, seen = [], set()
    for method, path, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        wrong += [f"{method} {path}: {words}" for words in holds(content["example"], content["schema"])]
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        seen.add(name)
        if name != "GatewayEventIn":  # AWS's own form, which grows without us
            assert document["components"]["schemas"][name].get("additionalProperties") is False, name
    assert wrong == []
    assert {"RefundIn", "ApproveIn", "WordsIn", "KeyIn", "OrderIn"} <= seen


def test_whatever_needs_an_idempotency_key_says_so(document):
    (operation,) = [each for _, _, each in operations(document) if each["operationId"] == "create_refund"]
    (header,) = [each for each in operation["parameters"] if each["in"] == "header"]

    assert header["name"] == "Idempotency-Key"
    assert header["required"] is True
    assert "Idempotent-Replayed" in operation["responses"]["201"]["headers"]


def test_every_list_is_read_by_cursor(document):
    for method, path, operation in operations(document):
        (answer, *_) = operation["responses"].values()
        name = (
            answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "/").rsplit("/", 1)[1]
        )
        if "next_cursor" in document["components"]["schemas"].get(name, {}).get("properties", {}):
            asked = {parameter["name"] for parameter in operation["parameters"]}
            assert {"cursor", "limit"} <= asked, f"{method} {path}"


def test_what_other_programs_refuse_is_told_in_their_words():
    from recoup.api.document import BAD_MEDIA_TYPE, WRONG_HOST, code_of
    from recoup.web import front

    assert code_of(front.WrongMediaType) == BAD_MEDIA_TYPE
    assert code_of(front.WrongHost) == WRONG_HOST


def test_a_code_always_means_the_same(document):
    from recoup.api.document import Code, codes

    told = codes(document)
    assert Code(429, "rate_limited", "Too many requests; nothing was done with this one") in told
    by_code = {}
    for code in told:
        by_code.setdefault(code.code, set()).add(code.status)
    assert {code: statuses for code, statuses in by_code.items() if len(statuses) > 1} == {}


def test_every_message_that_we_send_is_told_of_with_an_example_that_fits(document, holds):
    from recoup.callbacks import catalogue

    assert set(document["webhooks"]) == set(catalogue.BY_TYPE)
    wrong, names = [], {operation["operationId"] for _, _, operation in operations(document)}
    for name, item in document["webhooks"].items():
        content = item["post"]["requestBody"]["content"]["application/json"]
        wrong += [f"{name}: {words}" for words in holds(content["example"], content["schema"])]
        wrong += [f"{name}: {each['name']}: {words}" for each in item["post"]["parameters"]
                  for words in holds(each["example"], each["schema"])]  # fmt: skip
        assert item["post"]["operationId"] not in names
        assert content["example"]["type"] == name
    assert wrong == []


def test_a_shape_of_a_message_takes_no_name_of_another_shape(document):
    from recoup.api import messages, telling
    from recoup.api.v1 import api

    ours = set(messages.schemas())
    assert ours >= {"Message", "RefundData", "PayoutData", "TestData"}
    assert not ours & set(telling.SCHEMAS)
    endpoints = super(type(api), api).get_openapi_schema(path_prefix="api/v1/")["components"]["schemas"]
    assert not ours & set(endpoints)
