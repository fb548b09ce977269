"""The shape of a JSON text is told without reading it, as the reader would tell it, and at once."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recoup.kernel.json_shape import has_more_names_than, is_too_deep

VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='[]{}:",\\ab', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='[]{}:"\\a', max_size=4), inner, max_size=4)
    ),
    max_leaves=40,
)


def depth(value):
    if isinstance(value, dict):
        return 1 + max((depth(each) for each in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth(each) for each in value), default=0)
    return 0


def names(value):
    if isinstance(value, dict):
        return len(value) + sum(names(each) for each in value.values())
    return sum(names(each) for each in value) if isinstance(value, list) else 0


@given(VALUES, st.integers(0, 6))
def test_it_is_as_deep_as_a_reader_finds_it(value, levels):
    assert is_too_deep(json.dumps(value).encode(), levels_max=levels) == (depth(value) > levels)


@given(VALUES, st.integers(0, 6))
def test_it_has_as_many_names_as_a_reader_finds(value, count):
    assert has_more_names_than(json.dumps(value).encode(), count) == (names(value) > count)


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 1_000_000,
        b"[]" * 500_000,
        b"[[" + b"[]" * 499_000 + b"]]",
        b'{"a":' * 200_000,
        b'"' + b'\\"' * 500_000,
        b'"\\' * 500_000,
        b'["' + b"\\" * 999_990,
        b'"a"' * 333_000 + b"[" * 40,
        (b"[" * 32 + b"]" * 32) * 15_000,
        b":" * 1_000_000,
    ],
)
def test_nothing_that_fits_into_a_megabyte_takes_long(text):
    began = time.process_time()
    is_too_deep(text, levels_max=32)
    has_more_names_than(text, 10_000)

    assert time.process_time() - began < 0.5
