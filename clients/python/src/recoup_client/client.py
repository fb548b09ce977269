"""`Recoup`: one company's way to its Recoup. Practice first: real money has to be asked for in so many words."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from recoup_client.credentials import ApiKey, ClientCredentials, Credentials
from recoup_client.endpoints import WebhookEndpoints
from recoup_client.errors import BadSettings, LiveCompany
from recoup_client.keys import Keys
from recoup_client.line import Answer, Line
from recoup_client.models import Company, read
from recoup_client.orders import Orders
from recoup_client.refunds import Refunds
from recoup_client.retrying import Retrying

#: Where `bin/up` puts a practice installation.
PRACTICE_URL = "http://127.0.0.1:8000"


class Recoup:
    """The client. Threads may share it; `close()` or a `with` block lets go of its connections.

    Without `live=True` it talks only to companies in practice mode: before the first request it asks whose key it
    holds, and raises LiveCompany when real money would move. `live=True` needs an explicit `base_url`.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        scopes: Sequence[str] = (),
        base_url: str | None = None,
        live: bool = False,
        retrying: Retrying | None = None,
        connect_s: float = 5.0,
        answer_s: float = 30.0,
    ) -> None:
        """An API key (or RECOUP_API_KEY in the environment), or an OAuth client's id and secret. Raises BadSettings."""
        if live and base_url is None:
            raise BadSettings("live=True needs an explicit base_url: which Recoup moves the money?")
        address = base_url if base_url is not None else os.environ.get("RECOUP_URL", PRACTICE_URL)
        credentials = _credentials(api_key, client_id, client_secret, scopes, address)
        line = _Guarded(
            base_url=address,
            credentials=credentials,
            retrying=retrying or Retrying(),
            connect_s=connect_s,
            answer_s=answer_s,
            is_live=live,
        )
        self._line = line
        self.orders = Orders(line)
        self.refunds = Refunds(line)
        self.keys = Keys(line)
        self.webhook_endpoints = WebhookEndpoints(line)

    def company(self) -> Company:
        """Whose key this is. Never refused, and changes nothing."""
        return self._line.company()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        idempotency_key: str = "",
    ) -> Any:
        """Any operation of the reference, as decoded JSON: for what has no method of its own here."""
        return self._line.call(method, path, body, query=query, idempotency_key=idempotency_key).body

    def close(self) -> None:
        """Let go of the connections."""
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Recoup({self._line.base_url})"


class _Guarded(Line):
    """A line that carries nothing for a live company unless somebody said so."""

    def __init__(self, *, is_live: bool, **settings: Any) -> None:
        super().__init__(**settings)
        self._may_speak = is_live
        self._lock = threading.Lock()

    def company(self) -> Company:
        company = read(Company, super().call("GET", "/company").body)
        self._may_speak = self._may_speak or company.is_practice
        return company

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        idempotency_key: str = "",
        is_repeatable: bool = False,
    ) -> Answer:
        with self._lock:
            if not self._may_speak:
                company = self.company()
                if not company.is_practice:
                    raise LiveCompany(
                        f"{company.name} moves real money. If that is meant: Recoup(live=True, base_url=...)"
                    )
        return super().call(
            method, path, body, query=query, idempotency_key=idempotency_key, is_repeatable=is_repeatable
        )


def _credentials(
    api_key: str | None, client_id: str | None, client_secret: str | None, scopes: Sequence[str], base_url: str
) -> Credentials:
    if client_id is not None or client_secret is not None:
        if api_key is not None:
            raise BadSettings("Give an API key or an OAuth client, not both")
        if not client_id or not client_secret:
            raise BadSettings("An OAuth client has an id and a secret")
        return ClientCredentials(base_url=base_url, client_id=client_id, client_secret=client_secret, scopes=scopes)
    secret = api_key if api_key is not None else os.environ.get("RECOUP_API_KEY", "")
    if not secret.startswith("rk_") or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise BadSettings("An API key is needed: api_key='rk_...', or RECOUP_API_KEY in the environment")
    return ApiKey(secret)
