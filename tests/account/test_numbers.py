"""Accounts with a phone number: whose they are, and what is left when the number goes."""

import secrets
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def identity(database):
    from recoup.identity import actions

    return actions


@pytest.fixture
def people(database):
    from recoup.identity.models import Person

    return Person


def number():
    return f"+6591{secrets.randbelow(10**6):06d}"


def address():
    return f"mei-{secrets.token_hex(4)}@example.sg"


def test_the_first_code_makes_an_account_and_the_second_finds_it(identity, people):
    hers, mail = number(), address()

    assert identity.enter_by_code(phone=hers, at=NOON) == identity.enter_by_code(phone=hers, at=NOON)
    assert identity.enter_by_code(email=mail.upper(), at=NOON) == identity.enter_by_code(email=mail, at=NOON)
    person = people.objects.get(phone=hers)
    assert person.email is None
    assert not person.has_usable_password()


def test_whoever_took_an_address_without_proving_it_loses_what_they_had(identity, people):
    from allauth.account.models import EmailAddress

    mail = address()
    taken = people(email=mail)
    taken.set_password("the thief's own password")
    people.objects.bulk_create([taken])
    EmailAddress.objects.bulk_create([EmailAddress(user=taken, email=mail, verified=False, primary=True)])

    assert identity.enter_by_code(email=mail, at=NOON) == taken.id

    assert not people.objects.get(id=taken.id).has_usable_password()
    assert EmailAddress.objects.get(user=taken).verified


def test_an_account_always_has_an_address_or_a_number(people):
    with pytest.raises(IntegrityError), transaction.atomic():
        people.objects.create(email=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        people.objects.create(email="")


def test_a_number_opens_one_account_and_the_last_way_in_stays(identity):
    hers, his = number(), number()
    mei, omar = identity.enter_by_code(phone=hers, at=NOON), identity.enter_by_code(phone=his, at=NOON)

    with pytest.raises(identity.PhoneTaken):
        identity.set_phone(person_id=omar, phone=hers, at=NOON)
    with pytest.raises(identity.NothingLeft):
        identity.set_phone(person_id=mei, phone="", at=NOON)

    ravi = identity.enter_by_code(email=address(), at=NOON)
    assert identity.set_phone(person_id=ravi, phone=number(), at=NOON) == ""
    assert identity.set_phone(person_id=ravi, phone="", at=NOON).startswith("+65")
