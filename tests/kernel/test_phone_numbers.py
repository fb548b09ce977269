"""Numbers as people write them."""

import pytest

from recoup.kernel import phone_numbers
from recoup.kernel.phone_numbers import NotANumber, NoTexts, read


@pytest.mark.parametrize(
    "written", ["91234567", "9123 4567", "+65 9123 4567", "(65) 91234567", "6591234567", " 9123-4567 "]
)
def test_a_number_at_home_is_one_however_it_is_written(written):
    assert read(written, country="SG", allowed=["SG"]).e164 == "+6591234567"


@pytest.mark.parametrize(
    "written", ["", "abc", "123", "9123456", "912345678901234567890", "91234567 ext. 3", "9" * 5000]
)
def test_what_is_no_number_is_refused(written):
    with pytest.raises(NotANumber):
        read(written, country="SG", allowed=["SG"])


@pytest.mark.parametrize("written", ["62234567", "1900 123 4567", "+447400123456"])
def test_no_texts_go_to_landlines_to_dear_numbers_and_abroad(written):
    with pytest.raises((NoTexts, NotANumber)):
        read(written, country="SG", allowed=["SG"])


def test_a_number_says_where_it_is_and_hides_itself():
    found = read("012-345 6789", country="MY", allowed=["SG", "MY"])

    assert (found.country, phone_numbers.country_of(found.e164)) == ("MY", "MY")
    assert phone_numbers.hidden("+6591234567") == "+65 •••• 4567"
    assert phone_numbers.calling_code("SG") == 65
