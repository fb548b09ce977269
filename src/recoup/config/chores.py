"""What the worker does for the house itself: sealing the history, and throwing away what nobody needs any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from recoup.access import idempotency, tenancy
from recoup.events import sealing

ROWS_AT_ONCE = 5_000
#: A code is dead after ten minutes; its row stays a day, so that somebody who asks too often is still recognised.
CODES_STAY = timedelta(days=1)

#: What a provider told us is a hint, and was looked into long ago; parked ones stay until a person has seen to them.
RECEIPTS_STAY = timedelta(days=90)

#: What was told to companies' servers, and what they answered; what waits or was given up lately can be replayed.
DELIVERIES_STAY = timedelta(days=30)

#: A token that ended tells nobody anything; a key that retired may still be named in somebody's log.
TOKENS_STAY = timedelta(hours=1)
KEYS_STAY = timedelta(days=1)

#: That a text was sent, and how that went; what it said is wiped long before.
TEXTS_STAY = timedelta(days=30)
#: To whom we wrote about an account; what was said is wiped when it is sent.
LETTERS_STAY = timedelta(days=30)
#: Who was asked to work for a company, after that was taken up, taken back or too late.
INVITATIONS_STAY = timedelta(days=30)

#: The oldest rows are looked at, and those of them that are old enough go: ids are in the order of time, so this costs
#: the same however many rows there are, and needs no index of its own.
_FORGET = """
DELETE FROM {table} WHERE id IN (
    SELECT id FROM (SELECT id, {when} AS moment FROM {table} WHERE {only} ORDER BY id LIMIT %s) oldest
     WHERE moment < %s)
"""
#: Tokens live for minutes or for months, so their ids are in no order; there is an index on when they end.
_FORGET_TOKENS = """
WITH at_once (many) AS (SELECT %s::integer)
DELETE FROM allauth_idp_oidc_token WHERE id IN (
    SELECT id FROM allauth_idp_oidc_token WHERE expires_at < %s LIMIT (SELECT many FROM at_once))
"""
#: What is forgotten, and how long after the time in the row.
_FORGOTTEN = (
    (_FORGET.format(table="identity_onetimecode", when="expires_at", only="true"), CODES_STAY),
    (_FORGET.format(table="access_storedanswer", when="created_at", only="true"), timedelta(idempotency.KEPT_DAYS)),
    (
        _FORGET.format(table="webhooks_receipt", when="received_at", only="next_at IS NULL AND parked_at IS NULL"),
        RECEIPTS_STAY,
    ),
    (_FORGET.format(table="callbacks_delivery", when="settled_at", only="settled_at IS NOT NULL"), DELIVERIES_STAY),
    (_FORGET.format(table="notifications_accounttext", when="created_at", only="true"), TEXTS_STAY),
    (
        _FORGET.format(
            table="notifications_accountletter", when="created_at", only="next_at IS NULL OR parked_at IS NOT NULL"
        ),
        LETTERS_STAY,
    ),
    (_FORGET.format(table="notifications_accountnotice", when="expires_at", only="true"), LETTERS_STAY),
    (
        _FORGET.format(table="identity_invitation", when="coalesce(ended_at, accepted_at, expires_at)", only="true"),
        INVITATIONS_STAY,
    ),
    (_FORGET_TOKENS, TOKENS_STAY),
    (_FORGET.format(table="identity_signingkey", when="retires_at", only="retires_at IS NOT NULL"), KEYS_STAY),
)


def seal(*, at: datetime) -> int:
    """What has ended since the last seal is sealed; how many rows."""
    with tenancy.every_merchant():
        return sealing.seal(at=at)


def tidy(*, at: datetime) -> int:
    """What nobody needs any more is gone; how much. One-time codes that ended a day ago, stored answers older than
    their promised 30 days, receipts that were looked into three months ago, webhooks out and invitations that ended a
    month ago, apps' tokens an hour after their end and keys a day after theirs. At most `ROWS_AT_ONCE` of each kind,
    so that no lock is held long.
    """
    count = 0
    with tenancy.every_merchant(), connection.cursor() as cursor:
        for statement, stays in _FORGOTTEN:
            cursor.execute(statement, [ROWS_AT_ONCE, at - stays])
            count += cursor.rowcount
    return count
