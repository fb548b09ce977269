"""What is really sent is what the OpenAPI document says under `webhooks`."""

import json
from datetime import UTC, datetime

import pytest

from tests.api.shapes import checker
from tests.callbacks.conftest import listens
from tests.database import as_role
from tests.refunds.asking import ask

#: Numbers that no event of any other test has.
BEYOND = 2**40


@pytest.fixture
def misfits(database):
    """What does not fit of a request as it came: its headers, and its body."""
    from recoup.api.v1 import api

    document = dict(api.get_openapi_schema())
    errors = checker(document)

    def misfits(headers, message):
        told = document["webhooks"][message["type"]]["post"]
        wrong = errors(message, told["requestBody"]["content"]["application/json"]["schema"])
        for each in told["parameters"]:
            wrong += errors(headers.get(each["name"]), each["schema"])
        return wrong

    return misfits


def test_whatever_a_companys_server_hears_is_what_the_document_told_it(shop, sender, receiver, endpoint, misfits):
    from recoup.callbacks import actions

    case = ask(shop, shop.order(("mug", 1, 500)))
    sender.hears()
    sender.sends(at=datetime.now(UTC))
    actions.try_endpoint(merchant_id=shop.id, endpoint_id=endpoint[0].id, by="test", at=shop.now)
    sender.sends(at=datetime.now(UTC))

    heard = list(zip((headers for _, headers, _ in receiver.came), receiver.messages, strict=True))
    assert [message["type"] for _, message in heard] == ["refund.submitted", "refund.approved", "endpoint.test"]
    assert [misfits(headers, message) for headers, message in heard] == [[], [], []]
    assert heard[0][1]["data"]["number"] == case.number


def test_every_type_that_is_told_fits_its_own_shape_and_no_other(database, shop, sender, receiver, misfits):
    """Each of our events, as it would be told: made by the same hand as all messages."""
    from recoup.access import tenancy
    from recoup.callbacks import catalogue, transactional
    from recoup.events.queries import HeardEvent

    case = ask(shop, shop.order(("mug", 1, 500)))
    listens(shop, receiver)
    heard = [
        HeardEvent(
            id=BEYOND + number,
            tx=BEYOND + number,
            merchant_id=shop.id,
            at=shop.now,
            kind=kind,
            subject_id=case.id,
            actor="test",
            data={"case_id": str(case.id), "currency": "SGD", "amount_minor": 500},
        )
        for number, kind in enumerate(sorted(catalogue.EVENTS), start=1)
    ]
    with as_role(database, "recoup_worker"), tenancy.every_merchant():
        transactional.tell_companies(heard, at=shop.now)
    sender.sends(at=datetime.now(UTC))

    wrong = [misfits(headers, json.loads(body)) for _, headers, body in receiver.came]
    assert {message["type"] for message in receiver.messages} == set(catalogue.TYPES)
    assert wrong == [[]] * len(catalogue.TYPES)
    _, headers, _ = receiver.came[0]
    payout = next(message for message in receiver.messages if message["type"].startswith("payout."))
    refund = next(message for message in receiver.messages if message["type"].startswith("refund."))
    assert misfits(headers, payout | {"data": refund["data"]})
    assert misfits({}, payout)
    assert misfits(headers, payout | {"sequence": 0})
