"""A rail as the product sees it: payouts are claimed and answered by the vault's role, heard by the worker's.

No network: what a rail would say is written as the vault writes it. The vault itself is tested in tests/vault.
"""

import json
from types import SimpleNamespace

import psycopg

from tests.database import as_role

_CLAIM = """
UPDATE payments_payout SET state = 'submitting', fence = fence + 1, tries = tries + 1, submitted_at = now(),
       lease_until = now() + interval '15 s', next_at = now() + interval '15 s' WHERE id = %s
"""
_ANSWER = """
INSERT INTO payments_answer (merchant_id, payout_id, fence, epoch, outcome, provider_refund_id, provider_reference,
                             failure_code, amount_minor, currency, at)
SELECT merchant_id, id, fence + %s, epoch, %s, %s, NULL, %s, CASE WHEN %s THEN amount_minor END,
       CASE WHEN %s THEN currency END, now() FROM payments_payout WHERE id = %s
"""


class Rail:
    """The way of a shop's money."""

    def __init__(self, cluster, shop):
        self.cluster, self.shop, self._heard = cluster, shop, 0

    def claim(self, payout_id):
        """The vault has it in its hands; the rail may have heard it."""
        self._as_vault((_CLAIM, [payout_id]))

    def says(self, payout_id, outcome, *, refund=None, code=None, fence=0):
        """The rail's answer is written down, not applied yet. `refund`: the id it gives to the refund."""
        tells = refund is not None
        self._as_vault((_ANSWER, [fence, outcome, refund, code, tells, tells, payout_id]))

    def pays(self, payout_id, outcome="succeeded", **more):
        """Claimed, answered, applied and heard."""
        self.claim(payout_id)
        self.says(payout_id, outcome, refund=more.pop("refund", f"re_{payout_id.hex[-12:]}"), **more)
        self.work()

    def work(self):
        """The worker applies what was said; then the cases hear of it, each event once."""
        from recoup.access import tenancy
        from recoup.kernel.clock import now
        from recoup.payments import actions
        from recoup.refunds import transactional

        with as_role(self.cluster, "recoup_worker"):
            while actions.apply_answers(at=now()):
                pass
            heard = self._news()
            with tenancy.every_merchant():
                transactional.follow_payouts(heard, at=now())

    def hear_event(self, kind, told, *, identity):
        """The provider's event came in and the worker acted on it."""
        from recoup.kernel.clock import now
        from recoup.webhooks import actions

        body = {"id": identity, "object": "event", "type": kind, "created": 10, "data": {"object": told}}
        is_new = actions.keep_receipt(
            merchant_id=self.shop.id,
            rail_account_id=self.shop.rail_account_id,
            event_id=identity,
            kind=kind,
            body=json.dumps(body).encode(),
            at=now(),
        )
        with as_role(self.cluster, "recoup_worker"):
            actions.act_on_receipts(at=now())
        return is_new

    def payout(self, payout_id):
        """The payout's row."""
        with self.cluster.superuser() as db:
            cursor = db.execute("SELECT * FROM payments_payout WHERE id = %s", [payout_id])
            return SimpleNamespace(
                **dict(zip((one.name for one in cursor.description), cursor.fetchone(), strict=True))
            )

    def _news(self):
        with self.cluster.superuser() as db:
            found = db.execute(
                "SELECT id, at, data FROM events_event"
                " WHERE merchant_id = %s AND id > %s AND kind LIKE 'payout.%%' ORDER BY id",
                [self.shop.id, self._heard],
            ).fetchall()
        self._heard = max([self._heard, *(row[0] for row in found)])
        return [SimpleNamespace(at=at, data=data) for _, at, data in found]

    def _as_vault(self, *statements):
        with psycopg.connect(self.cluster.database_url("recoup_vault")) as connection:
            connection.execute("SELECT set_config('recoup.every_merchant', 'on', true)")
            for statement, values in statements:
                assert connection.execute(statement, values).rowcount == 1
