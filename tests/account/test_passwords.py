"""Passwords: long, not known to attackers, nothing about the person, none of their last five; and the page says why."""

import pytest

from tests.web.staff_people import PASSWORD, Colleague, signs_in

GOOD = "wooden lamp under seven clouds"
WORDS = "Choose one that you have not had"


@pytest.fixture
def nurul(shop):
    return Colleague(shop.id, "Nurul-Rahman", "manager")


@pytest.fixture
def why_not(nurul):
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from recoup.identity.models import Person

    person = Person.objects.get(id=nurul.person_id)

    def ask(password, user=person):
        try:
            validate_password(password, user)
        except ValidationError as refused:
            return refused.error_list[0].code
        return ""

    return ask


def changes_password(at_pages, old, new):
    return at_pages.sends("/account/password/change/", oldpassword=old, password1=new, password2=new)


@pytest.mark.parametrize(
    "password", [GOOD, "x7" * 3 + "qpbtrw", "雨の日は本を読むのが好きです", "z9-" + "kfwqpt mbv " * 5 + "!"]
)
def test_no_rule_asks_for_signs_digits_or_capitals_and_long_ones_are_taken(why_not, password):
    assert why_not(password) == ""


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchar!", "password_too_short"),
        ("x" * 257, "password_too_long"),
        ("justinbieber", "password_too_common"),
        ("JustinBieber", "password_too_common"),
        ("password123456789!", "password_too_common"),
        ("passwordpassword", "password_too_common"),
        ("abababababab", "password_too_common"),
        ("123456789012", "password_too_common"),
        ("qwertyuiopasdf", "password_too_common"),
        ("my recoup account now", "password_about_you"),
        ("nurul likes cats", "password_about_you"),
        ("the RAHMAN house", "password_about_you"),
    ],
)
def test_what_is_easy_to_guess_is_refused(why_not, password, code):
    assert why_not(password) == code


def test_the_companys_name_is_no_password_for_its_people(shop, why_not):
    from recoup.merchants import queries as merchants

    name = merchants.by_id(shop.id).name
    assert name.startswith("The shop-")
    assert why_not("zebras SHOP for umbrellas") == "password_about_you"


def test_a_password_that_is_not_taken_is_explained_on_the_page(mei, nurul):
    signs_in(mei, nurul)
    changes_password(mei, PASSWORD, "nurul likes cats")
    assert "has “nurul” in it" in mei.page

    changes_password(mei, PASSWORD, "short")
    assert "7 more" in mei.page


def test_the_last_five_passwords_are_not_taken_again(nurul, why_not):
    from recoup.identity.models import Person

    used = [PASSWORD] + [f"{colour} lamp under seven clouds" for colour in ("amber", "blue", "coral", "denim", "ebony")]
    for password in used[1:]:
        person = Person.objects.get(id=nurul.person_id)
        assert why_not(password) == ""
        person.set_password(password)
        person.save()

    person = Person.objects.get(id=nurul.person_id)
    assert [why_not(former, person) for former in used] == [""] + ["password_used"] * 5


def test_whoever_types_the_same_password_again_is_told(mei, nurul):
    signs_in(mei, nurul)
    changes_password(mei, PASSWORD, GOOD)
    assert WORDS not in mei.page

    changes_password(mei, GOOD, PASSWORD)
    assert WORDS in mei.page


def test_whoever_tries_too_often_is_asked_in_words_to_wait(mei, nurul):
    signs_in(mei, nurul)
    for _ in range(6):
        changes_password(mei, "not my password", GOOD)

    assert mei.response.status_code == 429
    assert "Please wait a little" in mei.page


def test_what_is_kept_of_passwords_is_argon2id(mei, nurul, shop):
    from recoup.identity.models import FormerPassword, Person

    signs_in(mei, nurul)
    changes_password(mei, PASSWORD, GOOD)

    kept = [Person.objects.get(id=nurul.person_id).password]
    kept += FormerPassword.objects.filter(person_id=nurul.person_id).values_list("password", flat=True)
    assert len(kept) == 3
    assert all(hashed.startswith("argon2$argon2id$") for hashed in kept)
