"""A-24: whoever asks too often is told so and when to come again; nobody else notices, and nothing is done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from proofs.attacks.ground import Ground
from proofs.attacks.seen import Seen

NAME = "A-24"
TITLE = "Limits hold exactly, over all processes, and beyond them nothing is done"

#: No run lasts into the next window.
A_YEAR = 366 * 86_400
SMALL = {"RECOUP_LIMITS": f"pages.address=4/{A_YEAR},pages.writes=2/{A_YEAR},api.refused=3/{A_YEAR}"}


def run(ground: Ground, seen: Seen) -> None:
    """Keys, writes and addresses; then a build that counts nobody."""
    _bursts(ground, seen)
    _writes(ground, seen)
    with ground.broken("nothing", settings=SMALL) as url:
        _addresses(ground, seen, url)
    with ground.broken("no_limits", settings=SMALL) as url:
        statuses = [ground.call("GET", "/", url=url, source="127.0.24.9").status_code for _ in range(6)]
        seen.control(statuses == [200] * 6, f"a web that counts nobody: {statuses}")


def _bursts(ground: Ground, seen: Seen) -> None:
    """Forty requests in the same moment, answered by two processes: exactly ten pass."""
    key_id, secret = _new_key(ground, "refunds:read")
    _limit(ground, "api.key", 10, key_id)

    def ask(_turn: int) -> tuple[int, str, str]:
        answer = ground.call("GET", "/api/v1/refunds?limit=1", key=secret)
        return answer.status_code, answer.headers.get("Retry-After", ""), answer.headers.get("RateLimit-Policy", "")

    with ThreadPoolExecutor(8) as crowd:
        told = list(crowd.map(ask, range(40)))
    passed = [status for status, _, _ in told].count(200)
    seen.expect(passed == 10, f"{passed} of 40 passed a limit of 10")
    seen.expect({status for status, _, _ in told} == {200, 429}, "other answers than 200 and 429")
    seen.expect(all(int(after or 0) >= 1 for status, after, _ in told if status == 429), "429 without Retry-After")
    seen.expect(all('"api.key";q=10' in policy for _, _, policy in told), "answers that do not tell the limit")
    neighbour = ground.call("GET", "/api/v1/refunds?limit=1", key=ground.one.new_key("refunds:read"))
    seen.expect(neighbour.status_code == 200, f"another key of the same company: {neighbour.status_code}")
    others = ground.call("GET", "/api/v1/refunds?limit=1", key=ground.two.key("refunds:read"))
    seen.expect(others.status_code == 200, f"another company: {others.status_code}")


def _writes(ground: Ground, seen: Seen) -> None:
    """The request beyond the limit leaves no trace, and passes later with the same key of its own."""
    key_id, secret = _new_key(ground, "refunds:read", "refunds:write")
    _limit(ground, "api.writes", 1, key_id)
    body = {"order_number": ground.one.order(), "reason": "changed_mind", "items": [{"sku": "mug", "quantity": 1}]}
    first = ground.call("POST", "/api/v1/refunds", key=secret, json=body)
    seen.expect(first.status_code == 201, f"the first: {first.status_code}")
    number = body["order_number"] = ground.one.order()
    second = ground.call("POST", "/api/v1/refunds", key=secret, json=body)
    seen.expect(second.status_code == 429 and second.json()["code"] == "rate_limited", f"2nd: {second.status_code}")
    found = ground.rows("SELECT count(*) FROM refunds_case WHERE order_number = %s", number)
    seen.expect(found == [(0,)], "the refused request made a case")


def _addresses(ground: Ground, seen: Seen, url: str) -> None:
    """Pages, forms and guessed keys, each by address; a header that claims another address changes nothing."""
    pages = [
        ground.call("GET", "/", url=url, source="127.0.24.2", headers={"X-Forwarded-For": f"203.0.113.{turn}"})
        for turn in range(6)
    ]
    seen.expect([one.status_code for one in pages] == [200] * 4 + [429] * 2, "pages of one address")
    seen.expect("Too many requests" in pages[-1].text, "a person does not read why")
    seen.expect(ground.call("GET", "/", url=url, source="127.0.24.3").status_code == 200, "another address")
    forms = [ground.call("POST", "/cases", url=url, source="127.0.24.4", data={}).status_code for _ in range(3)]
    seen.expect(forms[2] == 429 and 429 not in forms[:2], f"forms of one address: {forms}")
    guesses = [
        ground.call("GET", "/api/v1/refunds", url=url, key=f"rk_{turn}", source="127.0.24.5").status_code
        for turn in range(6)
    ]
    seen.expect(guesses == [401] * 3 + [429] * 3, f"guessed keys: {guesses}")
    good = ground.call("GET", "/api/v1/refunds", url=url, key=ground.one.key("refunds:read"), source="127.0.24.5")
    seen.expect(good.status_code == 200, f"a good key of the guesser's address: {good.status_code}")


def _new_key(ground: Ground, *scopes: str) -> tuple[UUID, str]:
    from recoup.access import actions as access
    from recoup.kernel import clock

    made, secret = access.create_key(
        merchant_id=ground.one.id, label="Limited", scopes=scopes, by="attacks", at=clock.now()
    )
    return made, secret


def _limit(ground: Ground, bucket: str, quota: int, key_id: UUID) -> None:
    from recoup.access import actions as access
    from recoup.kernel import clock

    access.set_limit(
        merchant_id=ground.one.id,
        bucket=bucket,
        quota=quota,
        window_s=A_YEAR,
        by="attacks",
        at=clock.now(),
        key_id=key_id,
    )
