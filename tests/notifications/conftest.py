"""A mail server of the tests, and cases with something to tell."""

import smtplib
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default as modern

import pytest
from aiosmtpd.controller import Controller

from recoup.config import ports


@dataclass
class Post:
    """What a small mail server caught. `answers` are given to the next mails instead of taking them."""

    caught: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    connections: int = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.caught.append((envelope.rcpt_tos, message_from_bytes(envelope.original_content, policy=modern)))
        return "250 taken"

    def to(self, address):
        return [mail for recipients, mail in self.caught if address in recipients]


@pytest.fixture
def post(cluster):
    """A mail server, and Django's settings that lead to it."""
    from django.conf import settings

    caught = Post()
    controller = Controller(caught, hostname="127.0.0.1", port=ports.free_port())
    controller.start()
    before = settings.EMAIL_HOST, settings.EMAIL_PORT
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield caught
    settings.EMAIL_HOST, settings.EMAIL_PORT = before
    controller.stop()


@pytest.fixture
def no_post(cluster):
    """Nobody listens where the mail server should be."""
    from django.conf import settings

    before = settings.EMAIL_PORT
    settings.EMAIL_PORT = ports.free_port()
    with pytest.raises(OSError):
        smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT)
    yield
    settings.EMAIL_PORT = before
