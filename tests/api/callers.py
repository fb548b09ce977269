"""A company's server that talks to the API, in the process of the test."""

import json
import uuid

from django.test import Client

EVERYTHING = ("orders:read", "orders:write", "refunds:read", "refunds:write", "refunds:review", "keys:write")


class Caller:
    """One API key and what can be done with it. Each answer is (status, headers, decoded body)."""

    def __init__(self, shop, *scopes, expires_at=None):
        from recoup.access import actions

        self.shop = shop
        self.key_id, self.secret = actions.create_key(
            merchant_id=shop.id,
            label="test",
            scopes=scopes or EVERYTHING,
            by="test",
            at=shop.now,
            expires_at=expires_at,
        )

    def send(self, method, path, body=None, *, raw=None, key=None, secret=None, **headers):
        content = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if key is not None:
            named["HTTP_IDEMPOTENCY_KEY"] = key
        token = self.secret if secret is None else secret
        if token:
            named["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return Client(raise_request_exception=False).generic(
            method, f"/api/v1{path}", content, content_type="application/json", **named
        )

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def post(self, path, body=None, **more):
        return self.send("POST", path, {} if body is None else body, **more)

    def ask(self, number, *, key=None, **changes):
        """A refund request with a key of its own."""
        body = {"order_number": number, "reason": "changed_mind", "goods_received": True} | changes
        return self.post("/refunds", body, key=key or uuid.uuid4().hex)


def is_problem(response, status, code=None):
    """True when the answer is a problem document with that status (and code)."""
    assert response.status_code == status, (response.status_code, response.content)
    assert response["Content-Type"] == "application/problem+json", response["Content-Type"]
    told = response.json()
    assert told["status"] == status
    assert {"type", "title", "code"} <= set(told)
    assert code is None or told["code"] == code, told
    return True
