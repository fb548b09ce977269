"""The mail server: one connection for a batch of messages, each with an outcome of its own."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection

from recoup.notifications.gateways import mime

#: Answers of a mail server that will not change by waiting (RFC 5321, 4.2.1: 5yz is a permanent refusal).
PERMANENT_FROM = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to go. `ref` is its Message-ID: the same for every try, so that a repetition is recognised."""

    ref: str
    to: str
    subject: str
    text: str
    html: str
    list_name: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Empty `problem`: the server took it. `is_final`: it never will. `is_away`: there was no server to ask."""

    problem: str = ""
    is_final: bool = False
    is_away: bool = False


class _Envelope(EmailMessage):
    """What Django's mail connections send. The bytes are written by `mime`, at a tenth of the cost of the usual way."""

    def __init__(self, letter: Letter) -> None:
        super().__init__(subject=letter.subject, from_email=settings.DEFAULT_FROM_EMAIL, to=[letter.to])
        self._letter = letter

    def message(self) -> mime.Written:  # type: ignore[override]
        host = _host()
        return mime.Written(
            headers=[
                ("From", mime.address(settings.DEFAULT_FROM_EMAIL)),
                ("To", mime.address(self._letter.to)),
                ("Subject", self._letter.subject),
                ("Date", formatdate()),
                ("Message-ID", self._letter.ref),
                ("Content-Language", self._letter.language),
                ("Auto-Submitted", "auto-generated"),
                ("X-Auto-Response-Suppress", "All"),
                ("List-Id", f"Recoup refunds <{self._letter.list_name}.{host}>"),
            ],
            text=self._letter.text,
            html=self._letter.html,
        )


AWAY = Outcome(problem="mail server away", is_away=True)
OUT_OF_TIME = Outcome(problem="no time left in this round", is_away=True)


def send(letters: Sequence[Letter], *, seconds_max: float) -> Iterator[Outcome]:
    """Each letter's outcome, in order. The server is given so many seconds for all of them together."""
    assert not connection.in_atomic_block, "nobody waits for a mail server with a transaction open"  # noqa: S101
    ends_at_s = time.monotonic() + seconds_max
    office = get_connection(fail_silently=False)
    is_away = not _opens(office)
    try:
        for letter in letters:
            if is_away:
                yield AWAY
            elif time.monotonic() > ends_at_s:
                yield OUT_OF_TIME
            else:
                outcome = _send_one(office, letter)
                if outcome.is_away:
                    office.connection = None  # type: ignore[attr-defined]  # the SMTP backend has it
                    is_away = not _opens(office)
                yield outcome
    finally:
        with suppress(OSError, smtplib.SMTPException):
            office.close()


def reference(message_id: object) -> str:
    """The Message-ID of a message, for ever."""
    return f"<{message_id}@{_host()}>"


def _opens(office: Any) -> bool:
    try:
        office.open()
    except (OSError, smtplib.SMTPException):
        return False
    return True


def _send_one(office: Any, letter: Letter) -> Outcome:
    try:
        taken = office.send_messages([_Envelope(letter)])
    except smtplib.SMTPServerDisconnected:
        return AWAY
    except smtplib.SMTPRecipientsRefused as refused:
        return _refused(*next(iter(refused.recipients.values())))
    except smtplib.SMTPResponseException as refused:
        return _refused(refused.smtp_code, refused.smtp_error)
    except smtplib.SMTPException as problem:
        return Outcome(problem=type(problem).__name__)
    except OSError:
        return AWAY
    except ValueError:
        return Outcome(problem="not an address a mail can be sent to", is_final=True)
    return Outcome() if taken else Outcome(problem="no recipient", is_final=True)


def _refused(code: int, why: bytes | str) -> Outcome:
    """Only the code is kept: servers repeat the address in their words."""
    del why
    return Outcome(problem=f"mail server answered {code}", is_final=code >= PERMANENT_FROM, is_away=code == 421)


def _host() -> str:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return sender or urlsplit(settings.PUBLIC_URL).hostname or "recoup.invalid"
