"""A web that reads a token's claims and never asks who signed them."""

import jwt

from recoup.identity import signing_keys, tokens


def break_it() -> None:
    """From now on every signature is good, and none is needed."""

    def signed(token: str, **_told: object) -> tuple[str, dict[str, object]]:
        claims = jwt.decode(token, options={"verify_signature": False})
        return jwt.get_unverified_header(token)["kid"], claims

    tokens._signed = signed  # type: ignore[assignment]  # noqa: SLF001 - broken on purpose
    signing_keys.public = lambda _kid: None
