"""Mail sent to the town is caught, shown safely, and never sent on."""

import secrets
import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage

import pytest


def _mail(to, subject="Your refund is on its way", text="Case RC-1: S$12.50 was sent.", html=None, picture=None):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Recoup <care@recoup.example>", to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
        if picture:
            message.get_payload()[1].add_related(picture, "image", "png", cid="<logo>")
    return message


def _send(town, message):
    host, _, port = town.addresses["smtp"].removeprefix("smtp://").partition(":")
    with smtplib.SMTP(host, int(port), timeout=5) as server:
        server.send_message(message)


def _page(town, path):
    with urllib.request.urlopen(town.url + path) as answer:
        return answer.read().decode(), answer.headers


@pytest.fixture
def address():
    return f"mei-{secrets.token_hex(4)}@example.com"


def test_a_mail_is_caught_for_its_reader(town, address):
    _send(town, _mail(address, "Grüße: S$12.50 ✓"))
    _send(town, _mail("somebody@example.com"))

    [headline] = town.get(f"/inbox.json?to={address}")["mails"]
    whole = town.get(f"/inbox/{headline['id']}.json")

    assert (headline["subject"], headline["to"]) == ("Grüße: S$12.50 ✓", [address])
    assert "S$12.50 was sent" in whole["text"]
    assert whole["html"] is None
    assert town.get(f"/inbox.json?to={address}&after={headline['id']}")["mails"] == []
    assert len(town.get(f"/inbox.json?to={address}&whole=1")["mails"][0]["headers"]) > 3


def test_the_list_refreshes_by_itself_until_it_is_told_to_stop(town, address):
    _send(town, _mail(address, "<b>Bold</b> & loud"))

    page, headers = _page(town, f"/inbox?to={address}")
    _, paused = _page(town, "/inbox?pause=1")

    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; loud" in page
    assert headers["Refresh"] == "5"
    assert paused["Refresh"] is None
    assert "<script" not in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_mails_html_is_shown_in_a_locked_frame(town, address):
    html = '<p>Track it <a href="http://127.0.0.1:8000/t/1">here</a></p><img src="cid:logo"><script>alert(1)</script>'
    _send(town, _mail(address, html=html, picture=b"\x89PNG"))
    [headline] = town.get(f"/inbox.json?to={address}")["mails"]

    page, _ = _page(town, f"/inbox/{headline['id']}")
    frame, headers = _page(town, f"/inbox/{headline['id']}/html")

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "alert(1)" not in page
    assert 'src="data:image/png;base64,' in frame
    policy = headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_the_whole_inbox_can_be_emptied(town, address):
    _send(town, _mail(address))

    assert town.call("DELETE", "/inbox")["deleted"] >= 1
    assert town.get("/inbox.json") == {"mails": [], "total": 0}
    assert "No mail yet" in _page(town, "/inbox")[0]


def test_another_sites_page_cannot_empty_it(town, address):
    _send(town, _mail(address))

    assert town.call("POST", "/inbox/delete", headers={"Origin": "http://evil.example"})[0] == 403
    assert len(town.get(f"/inbox.json?to={address}")["mails"]) == 1


def test_the_mail_server_can_refuse_or_take_a_mail_and_deny_it(town, address):
    town.post("/_practice/mail-faults", {"answer": "451 4.3.0 try again later"})
    town.post("/_practice/mail-faults", {"answer": "451 4.3.0 who knows", "keep": True})

    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError):
            _send(town, _mail(address))
    _send(town, _mail(address))

    assert len(town.get(f"/inbox.json?to={address}")["mails"]) == 2


def test_a_mail_that_is_not_there_says_so(town):
    with pytest.raises(urllib.error.HTTPError) as refused:
        _page(town, "/inbox/999999")
    with refused.value as answer:
        assert answer.code == 404
    assert _page(town, "/")[1]["Content-Security-Policy"]
