"""What waits to be done, and where: the one table of the queues, for measuring them and for giving work back.

Rows are the queue (docs/decisions/0003): each table here has a moment at which a row is due, a lease, and `parked_at`
for what was tried too often. One of the two places that read across contexts in SQL, for the operator's window.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """`due`: the column with that moment. `noun`: what its events are called by. `channel`: the doorbell of whoever
    does the work. `is_companys`: each row belongs to one company. `only`: rows that can still be done at all.
    `case`: the column with the case that a row is about.
    """

    name: str
    words: str
    done_by: str
    table: str
    noun: str
    channel: str
    due: str = "next_at"
    is_companys: bool = True
    only: str = "true"
    case: str = ""


QUEUES: tuple[Queue, ...] = (
    Queue(
        name="payouts",
        words="Payments to be sent or looked up",
        done_by="vault",
        table="payments_payout",
        noun="payout",
        channel="recoup_payouts",
        case="case_id",
    ),
    Queue(
        name="receipts",
        words="What payment providers told us",
        done_by="worker/money",
        table="webhooks_receipt",
        noun="receipt",
        channel="recoup_receipts",
    ),
    Queue(
        name="cases",
        words="Cases whose clock has come",
        done_by="worker/cases",
        table="refunds_case",
        noun="case",
        channel="recoup_cases",
        due="wake_at",
        case="id",
    ),
    Queue(
        name="messages",
        words="Messages to shoppers and companies",
        done_by="worker/messages",
        table="notifications_message",
        noun="message",
        channel="recoup_messages",
        # A code is forgotten with the mail that carried it.
        only="template <> 'one_time_code'",
        case="case_id",
    ),
    Queue(
        name="letters",
        words="Letters about accounts",
        done_by="worker/messages",
        table="notifications_accountletter",
        noun="letter",
        channel="recoup_letters",
        is_companys=False,
    ),
    Queue(
        name="texts",
        words="Texts (SMS) about accounts",
        done_by="worker/texts",
        table="notifications_accounttext",
        noun="text",
        channel="recoup_texts",
        is_companys=False,
    ),
)
#: Queues without `parked_at`: their rows wait until they are done.
ENDLESS: tuple[tuple[str, str, str, str], ...] = (
    ("answers", "Answers of payment providers", "worker/money", "payments_answer WHERE applied_at IS NULL"),
    (
        "callbacks",
        "Webhooks to companies' servers",
        "worker/callbacks",
        "callbacks_endpoint WHERE next_at <= now() AND (lease_until IS NULL OR lease_until < now())",
    ),
    (
        "imports",
        "Files of orders to be read",
        "worker/imports",
        (
            "orders_importrun WHERE finished_at IS NULL AND file_key <> ''"
            " AND (lease_until IS NULL OR lease_until < now())"
        ),
    ),
)
_MOMENT = {"answers": "at", "callbacks": "next_at", "imports": "started_at"}

BY_NAME = {queue.name: queue for queue in QUEUES}
WORDS = {queue.name: queue.words for queue in QUEUES} | {name: words for name, words, *_ in ENDLESS}
DONE_BY = {queue.name: queue.done_by for queue in QUEUES} | {name: done_by for name, _, done_by, _ in ENDLESS}
#: Work of companies, which can be given back.
RETURNABLE = tuple(queue for queue in QUEUES if queue.is_companys)


_MEASURE = """
SELECT company, count(due), min(due), count(parked_at), min(parked_at)
  FROM (SELECT {company} AS company, {due} AS due, NULL::timestamptz AS parked_at FROM {table}
         WHERE {due} <= now() AND parked_at IS NULL
         UNION ALL
        SELECT {company}, NULL, parked_at FROM {table} WHERE parked_at IS NOT NULL AND {only}) AS waiting
 GROUP BY 1
"""


def measures() -> list[tuple[str, str]]:
    """(name, statement) of every queue: company, how many are due since when, how many are parked since when."""
    parked = [(queue.name, _MEASURE.format(**_names(queue))) for queue in QUEUES]
    endless = [
        (name, f"SELECT merchant_id, count(*), min({_MOMENT[name]}), 0, NULL::timestamptz FROM {rows} GROUP BY 1")  # noqa: S608 - names of our own
        for name, _, _, rows in ENDLESS
    ]
    return parked + endless


def _names(queue: Queue) -> dict[str, str]:
    company = "merchant_id" if queue.is_companys else "NULL::uuid"
    return {"company": company, "due": queue.due, "table": queue.table, "only": queue.only}
