"""The mail with the one-time code. It goes out at once and is not kept: a code is worth ten minutes and no record."""

from __future__ import annotations

import smtplib

import structlog
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from recoup.identity.codes import CODE_LIVES

log = structlog.get_logger(__name__)


def send(*, to: str, code: str, company: str, about: str) -> None:
    """The code is on its way to the address. A mail server that is away is logged; the page offers a new code."""
    context = {
        "code": code,
        "company": company,
        "about": about,
        "minutes": int(CODE_LIVES.total_seconds() // 60),
    }
    mail = EmailMultiAlternatives(
        subject=f"{code} is your Recoup code",
        body=render_to_string("mail/code.txt", context),
        to=[to],
    )
    mail.attach_alternative(render_to_string("mail/code.html", context), "text/html")
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as problem:
        log.warning("code_not_mailed", why=type(problem).__name__)
