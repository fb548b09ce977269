"""Telling a company's managers that we stopped telling their server."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.db import connection

from recoup.callbacks.states import Because
from recoup.notifications import transactional as notifications
from recoup.notifications.transactional import NewMessage

TEMPLATE = "webhooks_stopped"
_MANAGERS = """
SELECT p.email, c.name FROM identity_membership m
  JOIN identity_person p ON p.id = m.person_id JOIN merchants_merchant c ON c.id = m.merchant_id
 WHERE m.merchant_id = %s AND m.role = 'manager' AND p.is_active ORDER BY p.email LIMIT 20
"""


def tell_managers(*, merchant_id: UUID, url: str, because: Because, at: datetime) -> None:
    """A mail to each manager waits to be sent. It names the server, not the whole address, which may hold a secret."""
    with connection.cursor() as cursor:
        cursor.execute(_MANAGERS, [merchant_id])
        managers = cursor.fetchall()
    notifications.queue(
        [
            NewMessage(
                merchant_id=merchant_id,
                case_id=None,
                template=TEMPLATE,
                mark="",
                to_address=email,
                context={
                    "company": company,
                    "server": urlsplit(url).netloc,
                    "is_gone": because is Because.GONE,
                },
            )
            for email, company in managers
        ],
        at=at,
    )
