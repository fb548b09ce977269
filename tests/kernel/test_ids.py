"""Case numbers that people read out, ids that sort by time, keys that are derived."""

from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel import ids

BODY = st.text(ids.ALPHABET, min_size=8, max_size=8)


def _number(body):
    return f"RC-{body[:4]}-{body[4:]}-{ids._check(body)}"


def test_a_fresh_case_number_reads_back_as_itself():
    numbers = {ids.case_number() for _ in range(200)}

    assert len(numbers) == 200
    assert all(ids.read_case_number(number) == number for number in numbers)


@given(BODY, st.integers(0, 8), st.sampled_from(ids.ALPHABET))
def test_any_one_wrong_letter_is_found(body, place, wrong):
    letters = list(body + ids._check(body))
    if letters[place] != wrong:
        letters[place] = wrong
        assert ids.read_case_number("RC" + "".join(letters)) is None


def test_even_the_first_letter_taken_for_the_last_is_found():
    for place in range(8):
        for one in ids.ALPHABET:
            for other in ids.ALPHABET:
                body = "A" * place + one + "A" * (7 - place)
                wrong = "A" * place + other + "A" * (7 - place)
                assert one == other or ids._check(body) != ids._check(wrong)


@given(BODY)
def test_any_two_letters_that_changed_places_are_found(body):
    letters = body + ids._check(body)
    for first, second in combinations(range(9), 2):
        swapped = list(letters)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        if "".join(swapped) != letters:
            assert ids.read_case_number("RC" + "".join(swapped)) is None


@given(BODY)
def test_a_number_is_understood_however_it_is_typed(body):
    number = _number(body)
    bare = number.removeprefix("RC-").replace("-", "")
    for typed in (number.lower(), f"  {number} ", bare, "rc" + bare, number.replace("-", " ")):
        assert ids.read_case_number(typed) == number
    misheard = number.removeprefix("RC-").replace("0", "O").replace("1", "l").replace("V", "U")
    assert ids.read_case_number(misheard) == number


@given(st.text(max_size=30))
def test_whatever_people_type_nothing_breaks(typed):
    read = ids.read_case_number(typed)
    assert read is None or ids.read_case_number(read) == read


def test_ids_sort_by_time_and_are_valid_version_7():
    made = [ids.uuid7() for _ in range(50)]

    assert all(one.version == 7 and one.variant == "specified in RFC 4122" for one in made)
    assert len(set(made)) == 50
    assert made[0].int >> 80 <= made[-1].int >> 80


@given(st.uuids(), st.integers(0, 50), st.integers(0, 50))
def test_the_key_of_an_attempt_is_derived_and_differs_by_epoch(payout_id: UUID, one, other):
    assert ids.attempt_key(payout_id, one) == ids.attempt_key(payout_id, one)
    assert (ids.attempt_key(payout_id, one) == ids.attempt_key(payout_id, other)) == (one == other)
