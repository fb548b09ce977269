"""What the worker does for the reports of one shop."""

from tests.database import as_role


class Listener:
    """Called, it hears the shop's events: each once, unless told `again`."""

    def __init__(self, database, shop):
        self.database, self.shop, self.heard = database, shop, set()

    def __call__(self, *, again=False):
        from django.db import connection

        from recoup.access import tenancy
        from recoup.events import queries
        from recoup.insights import transactional

        with as_role(self.database, "recoup_worker"), tenancy.every_merchant():
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT {queries.COLUMNS} FROM events_event e WHERE e.merchant_id = %s AND e.kind = ANY(%s)"
                    " ORDER BY e.tx, e.id",
                    [self.shop.id, list(transactional.EVENTS)],
                )
                events = [queries.heard(row) for row in cursor.fetchall()]
            news = [one for one in events if again or one.id not in self.heard]
            transactional.keep_claims(news, at=self.shop.now)
            self.heard.update(one.id for one in events)
