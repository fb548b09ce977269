"""Your API keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from recoup_client.line import Line, piece
from recoup_client.models import KeyMade, read


class Keys:
    """`recoup.keys`. None of these is retried once it may have been heard: a key would be there twice."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def create(self, *, label: str, scopes: Sequence[str]) -> KeyMade:
        """A key that can do at most what yours can. Its secret is shown this once. Raises AccessDenied."""
        return read(KeyMade, self._line.call("POST", "/keys", {"label": label, "scopes": list(scopes)}).body)

    def rotate(self, key_id: UUID | str) -> KeyMade:
        """A new secret; the old one works another day. Raises NotFound."""
        return read(KeyMade, self._line.call("POST", f"/keys/{piece(key_id)}/rotate").body)

    def revoke(self, key_id: UUID | str) -> None:
        """The key opens nothing any more, from the next request on. Raises NotFound."""
        self._line.call("POST", f"/keys/{piece(key_id)}/revoke")
