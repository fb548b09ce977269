"""Merchants' provider keys: sealed with the vault's public key, opened only here, kept only in memory."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from recoup_vault.lines import Lines, now_s
from recoup_vault.log import say
from recoup_vault.stripe_rail import StripeRail

#: A new key of a merchant is in use at the latest after this time; at once when the old one is refused.
KEPT_SECONDS_MAX = 60.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_NEWEST = """
SELECT a.rail, a.base_url, b.sealed
  FROM payments_railaccount a
  LEFT JOIN LATERAL (
      SELECT sealed FROM vault.box WHERE rail_account_id = a.id ORDER BY created_at DESC LIMIT 1
  ) b ON true
 WHERE a.id = %s
"""


class CannotPay(Exception):
    """The account has no rail that we could use; the text is for the log and holds no secret."""


@dataclass(frozen=True, slots=True)
class _Kept:
    rail: StripeRail
    until_s: float


class Boxes:
    """The rails of all accounts, opened when first needed."""

    def __init__(self, *, key_file: Path, lines: Lines, is_practice: bool) -> None:
        self._box = SealedBox(PrivateKey(bytes.fromhex(key_file.read_text(encoding="ascii").strip())))
        self._lines = lines
        self._is_practice = is_practice
        self._kept: dict[UUID, _Kept] = {}

    def rail_of(self, connection: psycopg.Connection[tuple[object, ...]], rail_account_id: UUID) -> StripeRail | None:
        """The rail of that account; None, with a line in the log, when it cannot be used."""
        kept = self._kept.get(rail_account_id)
        if kept is not None and kept.until_s > now_s():
            return kept.rail
        row = connection.execute(_NEWEST, [rail_account_id]).fetchone()
        try:
            rail = self._open(row)
        except CannotPay as problem:
            say("account_unusable", level="error", rail_account=rail_account_id, why=str(problem))
            return None
        self._kept[rail_account_id] = _Kept(rail, now_s() + KEPT_SECONDS_MAX)
        return rail

    def forget(self, rail_account_id: UUID) -> None:
        """The next call reads the account's box again."""
        self._kept.pop(rail_account_id, None)

    def _open(self, row: tuple[object, ...] | None) -> StripeRail:
        rail, base_url, sealed = row or ("", "", None)
        if rail != "stripe" or not isinstance(sealed, bytes):
            raise CannotPay("it is not on a rail that we know, or no key was ever put in")
        url = str(base_url)
        if url and not self._may_call(url):
            raise CannotPay("its address is neither https nor, in practice mode, this machine")
        try:
            secret = json.loads(self._box.decrypt(sealed))
            return StripeRail(api_key=str(secret["api_key"]), base_url=url, lines=self._lines)
        except (CryptoError, ValueError, KeyError, TypeError):
            raise CannotPay("its box does not open, or holds no api_key") from None

    def _may_call(self, url: str) -> bool:
        place = urlsplit(url)
        return place.scheme == "https" or (self._is_practice and place.scheme == "http" and place.hostname in _LOOPBACK)
