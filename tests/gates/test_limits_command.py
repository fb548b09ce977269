"""The operator shows and changes what a company may ask for, from the command line."""

import argparse

import pytest

from tests.api.callers import is_problem

A_YEAR = 366 * 86_400


@pytest.fixture
def limits(shop, as_worker, capsys):
    """`bin/recoup limits ...` for the shop; gives what it printed."""
    from recoup.config.commands import limits as command

    def run(*words):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        with as_worker():
            assert command.run(parser.parse_args([*words, "--merchant", shop.slug]), None) == 0
        return capsys.readouterr().out

    return run


def test_the_operator_gives_a_company_another_limit_and_takes_it_back(limits, caller):
    from recoup.access import limits as counted

    assert "this company: 2 in" in limits("set", "api.key", f"2/{A_YEAR}")
    assert [caller.get("/refunds").status_code for _ in range(3)] == [200, 200, 429]

    assert "this company" not in limits("clear", "api.key")
    counted.forget()
    assert caller.get("/refunds").status_code == 200


def test_one_key_may_have_a_limit_of_its_own(limits, caller):
    told = limits("set", "api.writes", "7/60", "--key", str(caller.key_id))

    assert f"key {caller.key_id}: 7 in 60 s, set by operator" in told


@pytest.mark.parametrize(
    "words",
    [
        ("set", "api.key", "0/10"),
        ("set", "api.key", "many"),
        ("set", "pages.address", "5/10"),
        ("set", "nothing", "5/10"),
        ("clear", "api.key"),
        ("allow-site", "*"),
    ],
)
def test_what_is_no_limit_is_refused_in_words(limits, words):
    from recoup.kernel.errors import Refusal

    with pytest.raises(Refusal):
        limits(*words)


def test_everybodys_limits_are_shown_without_a_company(database, capsys):
    from recoup.access.limits_rules import RULES
    from recoup.config.commands import limits as command

    assert command.run(argparse.Namespace(verb="show", merchant=None), None) == 0
    shown = capsys.readouterr().out
    assert all(bucket in shown for bucket in RULES)


def test_a_site_may_call_after_the_operator_has_named_it(limits, caller):
    from recoup.access import origins

    site = f"https://{caller.key_id}.example"
    assert is_problem(caller.get("/refunds", origin=site), 403, "origin_not_allowed")

    assert limits("allow-site", site).split() == [site]
    origins.forget()
    assert caller.get("/refunds", origin=site)["Access-Control-Allow-Origin"] == site
    assert limits("forbid-site", site) == limits("sites") == ""
