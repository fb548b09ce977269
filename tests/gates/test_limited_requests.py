"""Whoever has had enough hears so, and when to come again; nobody else notices."""

import re
import uuid

from django.test import Client

from tests.api.callers import Caller, is_problem
from tests.gates.files import static_file

#: No test lasts into the next window.
A_YEAR = 366 * 86_400


def test_answers_say_what_is_left(caller):
    answer = caller.get("/refunds")

    assert re.search(r'"api\.key";q=\d+;w=10', answer["RateLimit-Policy"])
    assert re.search(r'"api\.company\.day";q=\d+;w=86400', answer["RateLimit-Policy"])
    assert re.fullmatch(r'"api\.[a-z.]+";r=\d+;t=\d+', answer["RateLimit"])
    assert "Retry-After" not in answer


def test_a_key_that_asks_too_often_is_told_when_to_come_again(caller, set_limit):
    set_limit("api.key", 3, A_YEAR)

    answers = [caller.get("/refunds") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer["RateLimit"].partition(";t")[0] for answer in answers[:3]] == [
        '"api.key";r=2',
        '"api.key";r=1',
        '"api.key";r=0',
    ]
    assert is_problem(answers[3], 429, "rate_limited")
    told = answers[3].json()
    assert told["limit"] == "api.key"
    assert 1 <= told["retry_after"] == int(answers[3]["Retry-After"]) <= A_YEAR


def test_a_request_beyond_the_limit_does_nothing(shop, caller, set_limit):
    from tests.refunds.asking import rows

    set_limit("api.writes", 1, A_YEAR)
    number = shop.order(("mug", 1, 500))

    assert caller.ask("unknown").status_code == 201
    assert is_problem(caller.ask(number), 429, "rate_limited")
    assert rows(shop, "SELECT count(*) FROM refunds_case") == [(1,)]
    assert caller.get("/refunds").status_code == 200, "reading is another limit"


def test_one_key_of_a_company_does_not_use_up_anothers(shop, caller, set_limit):
    set_limit("api.key", 2, A_YEAR, key_id=caller.key_id)
    other = Caller(shop)

    assert [caller.get("/refunds").status_code for _ in range(3)] == [200, 200, 429]
    assert [other.get("/refunds").status_code for _ in range(3)] == [200, 200, 200]


def test_whoever_tries_keys_all_day_is_refused_and_good_keys_of_the_same_address_are_not(caller, monkeypatch):
    from recoup.access import limits_rules

    real = limits_rules.rule_of
    monkeypatch.setattr("recoup.access.limits.rule_of", lambda bucket: _small(real(bucket)))
    address = f"198.18.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}"

    answers = [caller.get("/refunds", secret=f"rk_{turn}", remote_addr=address) for turn in range(6)]
    refused = [
        Client(REMOTE_ADDR=address).get("/api/v1/refunds", HTTP_AUTHORIZATION=f"Bearer rk_{turn}") for turn in range(7)
    ]

    assert {answer.status_code for answer in answers} <= {401, 429}
    assert refused[-1].status_code == 429
    good = Client(REMOTE_ADDR=address).get("/api/v1/refunds", HTTP_AUTHORIZATION=f"Bearer {caller.secret}")
    assert good.status_code == 200


def _small(rule):
    from dataclasses import replace

    return replace(rule, quota=5, window_s=A_YEAR) if rule.bucket == "api.refused" else rule


def test_a_person_who_loads_too_many_pages_reads_so_in_words(browser, monkeypatch):
    from dataclasses import replace

    from recoup.access import limits_rules

    real = limits_rules.rule_of
    monkeypatch.setattr(
        "recoup.access.limits.rule_of",
        lambda bucket: replace(real(bucket), quota=2, window_s=A_YEAR) if bucket == "pages.address" else real(bucket),
    )
    address = f"198.18.{uuid.uuid4().int % 250}.{uuid.uuid4().int % 250}"

    answers = [browser.get("/", REMOTE_ADDR=address) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) >= 1
    page = answers[2].content.decode()
    assert "Too many requests" in page
    assert "MISSING" not in page
    assert browser.get(static_file(), REMOTE_ADDR=address).status_code == 200
