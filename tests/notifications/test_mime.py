"""A mail written by us is read by others as it was meant."""

from email import message_from_bytes
from email.policy import default as modern

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recoup.notifications.gateways import mime

LINES = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"), max_size=200)


def read(subject, text, html):
    written = mime.Written(headers=[("Subject", subject), ("To", "mei@shop.example")], text=text, html=html)
    raw = written.as_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    return message_from_bytes(raw, policy=modern)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES, st.lists(LINES), st.lists(LINES))
def test_whatever_is_written_is_read(subject, text, html):
    mail = read(" ".join(subject.split()), "\n".join(text) + "\n", "\n".join(html) + "\n")

    assert str(mail["Subject"]) == " ".join(subject.split())
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == "\n".join(text) + "\n"
    assert mail.get_body(("html",)).get_content().replace("\r\n", "\n") == "\n".join(html) + "\n"


@pytest.mark.parametrize("value", ["a\nBcc: all@example.com", "a\r\nBcc: all@example.com", "a\rb"])
def test_a_header_stays_one_line(value):
    with pytest.raises(ValueError, match="one line"):
        mime.Written(headers=[("Subject", value)], text="", html="").as_bytes()


@pytest.mark.parametrize("text", ["mei", "", "mei@shop.example\nBcc: x@example.com\n", "mé@shop.example"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError):
        mime.Written(headers=[("To", mime.address(text))], text="", html="").as_bytes()
