# house: allow vague-name because Django looks for a backend in a file of this name
"""Named in the settings as ENGINE; Django finds `DatabaseWrapper` here."""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import ConnStatus


class DatabaseWrapper(base.DatabaseWrapper):
    """A resting connection has nothing to say. One that has was closed by the server, or is out of step: it is asked.

    Django asks every connection `SELECT 1` before its first statement of a request, which costs as much as a statement.
    """

    def close_if_health_check_failed(self) -> None:
        if self.connection is not None and not self.health_check_done and self._is_quiet():  # type: ignore[has-type]
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _is_quiet(self) -> bool:
        line = self.connection.pgconn
        if line.status != ConnStatus.OK:
            return False
        poll = select.poll()
        poll.register(line.socket, select.POLLIN)
        return not poll.poll(0)
