"""Catches every mail sent to the town's SMTP port and keeps it; nothing is ever sent on."""

import asyncio
import email
import sqlite3
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default as modern_policy
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session

PAGE_MAX = 200
MAIL_BYTES_MAX = 25 * 1024 * 1024


@dataclass(slots=True)
class MailFault:
    """What the mail server answers to the next `times` mails instead of taking them."""

    answer: str = "451 4.3.0 try again later"
    times: int = 1
    sleep_s: float = 0.0
    #: Take the mail and still answer like that: the sender will send it twice.
    keep: bool = False


class Mailbox:
    """All caught mails, newest first."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.faults: list[MailFault] = []

    def keep(self, *, sender: str, recipients: list[str], raw: bytes) -> int:
        """Keep a mail. Returns its number."""
        subject = str(_parsed(raw).get("Subject", ""))
        row = self._database.execute(
            "INSERT INTO mails (at, sender, recipients, subject, raw) VALUES (?, ?, ?, ?, ?) RETURNING id",
            (time.time(), sender, orjson.dumps(recipients).decode(), subject, raw),
        ).fetchone()
        return int(row["id"])

    def list(
        self, *, to: str | None = None, subject: str | None = None, after: int = 0, limit: int = PAGE_MAX
    ) -> list[dict[str, Any]]:
        """What was caught, newest first, without the bodies."""
        rows = self._database.execute(
            "SELECT id, at, sender, recipients, subject FROM mails WHERE id > ? "
            "AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(recipients) WHERE lower(value) = lower(?))) "
            "AND (? IS NULL OR instr(lower(subject), lower(?))) ORDER BY id DESC LIMIT ?",
            (after, to, to, subject, subject, limit),
        )
        return [_headline(row) for row in rows]

    def read(self, number: int) -> dict[str, Any] | None:
        """One mail whole: headline, headers, `text`, `html`, names of attachments."""
        row = self._database.execute("SELECT * FROM mails WHERE id = ?", (number,)).fetchone()
        if row is None:
            return None
        message = _parsed(row["raw"])
        return {
            **_headline(row),
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": _part(message, "plain"),
            "html": _part(message, "html"),
            "attachments": [part.get_filename() or part.get_content_type() for part in message.iter_attachments()],
        }

    def embedded(self, number: int) -> dict[str, tuple[str, bytes]]:
        """Pictures a mail carries for itself, by content id: (type, bytes)."""
        row = self._database.execute("SELECT raw FROM mails WHERE id = ?", (number,)).fetchone()
        parts = _parsed(row["raw"]).walk() if row else []
        return {
            str(part["Content-ID"]).strip("<>"): (part.get_content_type(), part.get_content())
            for part in parts
            if part["Content-ID"] and part.get_content_maintype() == "image"
        }

    def count(self) -> int:
        return int(self._database.execute("SELECT count(*) AS n FROM mails").fetchone()["n"])

    def empty(self) -> int:
        """Throw every mail away. Returns how many there were."""
        return self._database.execute("DELETE FROM mails").rowcount

    # aiosmtpd calls this by name for each mail.
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self.faults[0] if self.faults else None
        if fault:
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            await asyncio.sleep(fault.sleep_s)
        if fault is None or fault.keep:
            raw = envelope.original_content or b""
            self.keep(sender=envelope.mail_from or "", recipients=list(envelope.rcpt_tos), raw=raw)
        return fault.answer if fault else "250 2.0.0 caught"


async def listen(mailbox: Mailbox, *, port: int) -> tuple[asyncio.Server, int]:
    """Take mail on loopback. Returns the server and the port it got."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="town.practice", ident="Recoup mail catcher", data_size_limit=MAIL_BYTES_MAX),
        "127.0.0.1",
        port,
    )
    return server, server.sockets[0].getsockname()[1]


def _headline(row: sqlite3.Row) -> dict[str, Any]:
    recipients = orjson.loads(row["recipients"])
    return {"id": row["id"], "at": row["at"], "from": row["sender"], "to": recipients, "subject": row["subject"]}


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=modern_policy)


def _part(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeDecodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)
