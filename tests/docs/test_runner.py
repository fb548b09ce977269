"""The runner believes a true page and finds a false one."""

import textwrap
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, matches
from tests.docs.runner import PageIsWrong, Place, run_page

TRUE = {
    "a command prints what the page says": """
        ```console
        $ echo refund of 12.50
        refund of 12.50
        ```
    """,
    "three dots stand for anything": """
        ```console
        $ printf 'case 42\\nwith\\nlines\\nend\\n'
        case ...
        ...
        end
        ```
    """,
    "the blocks of a page share one shell": """
        ```console
        $ CASE=R-1042
        ```
        and later
        ```console
        $ echo $CASE
        R-1042
        ```
    """,
    "a command goes on after a backslash and after a prompt": """
        ```console
        $ echo one \\
            two
        one two
        $ for word in a b; do
        > echo $word
        > done
        a
        b
        ```
    """,
    "a command that must be refused says so": """
        ```console
        $ (exit 3)  # exits 3
        ```
    """,
    "a command that reads from its input does not eat the page": """
        ```console
        $ cat
        $ echo still here
        still here
        ```
    """,
    "python blocks share one namespace and show what they print": """
        ```python
        paid_minor = 1250
        ```
        ```python
        print(paid_minor * 2)
        ```
        ```output
        2500
        ```
        ```python
        >>> paid_minor
        1250
        ```
    """,
    "a quotation stands in the file": """
        ```python of tests/docs/runner.py
        class PageIsWrong(AssertionError):
            ...
        def run_page(page: Path, place: Place) -> int:
        ```
    """,
    "other blocks are for people": """
        ```text
        $ rm -rf everything
        ```
    """,
}

FALSE = {
    "another output": "```console\n$ echo paid\nrejected\n```",
    "a failing command": "```console\n$ false\n```",
    "a refusal that does not come": "```console\n$ true  # exits 1\n```",
    "a session that ends": "```console\n$ exit 0\n```",
    "code that raises": "```python\nraise KeyError('case')\n```",
    "code that prints something else": "```python\nprint(1)\n```\n```output\n2\n```",
    "a doctest that lies": "```python\n>>> 1 + 1\n3\n```",
    "a quotation nobody said": "```python of tests/docs/runner.py\ndef pay_twice(): ...\n```",
    "a quotation from nowhere": "```python of src/recoup/nowhere.py\npass\n```",
}


@pytest.mark.parametrize("text", TRUE.values(), ids=TRUE.keys())
def test_a_true_page_is_believed(page, text):
    run_page(page(text), Place())


@pytest.mark.parametrize("text", FALSE.values(), ids=FALSE.keys())
def test_a_false_page_is_found(page, text):
    with pytest.raises(PageIsWrong):
        run_page(page(text), Place())


def test_a_page_is_run_where_the_house_of_this_run_is(page):
    place = Place(as_documented={"127.0.0.1:8000": "127.0.0.1:23456"}, data_dir=Path("/tmp/here"))  # noqa: S108
    text = """
        ```console
        $ echo http://127.0.0.1:8000/start
        http://127.0.0.1:8000/start
        $ echo bin/recoup verify --json | cat
        bin/recoup verify --json --data-dir /tmp/here
        ```
    """

    assert run_page(page(text), place) == 2


def test_what_starting_printed_is_compared_too(page):
    text = "```console\n$ bin/up\nReady on http://127.0.0.1:8000\n...\n$ bin/down\n```"

    run_page(page(text), Place(said_by_up="Ready on http://127.0.0.1:8000\nshopper: ada@example.org\n"))
    with pytest.raises(PageIsWrong):
        run_page(page(text), Place(said_by_up="Port 8000 is taken"))


def test_a_fence_may_be_indented_and_hold_a_shorter_one(page):
    blocks = blocks_of(page("1. Ask\n\n   ```console\n   $ true\n   ```\n\n````text\n```console\n$ false\n```\n````\n"))

    assert [(block.kind, block.line) for block in blocks] == [("console", 3), ("text", 7)]


def test_only_line_ends_and_dots_are_forgiven():
    assert matches("a  \nb\n", "a\nb")
    assert matches("a ... d", "a b\nc d")
    assert not matches("a b", "a  b")


@pytest.fixture
def page(tmp_path):
    def write(text):
        path = tmp_path / "page.md"
        path.write_text(textwrap.dedent(text))
        return path

    return write
