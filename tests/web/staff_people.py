"""People who work for a shop, with their authenticator apps."""

import secrets

import pyotp

PASSWORD = "a long enough password"


class Colleague:
    """Somebody added to the shop; `codes` are good once each, so every sign-in takes the next half minute's."""

    def __init__(self, merchant_id, name, role):
        from recoup.identity import actions as identity

        self.email = f"{name.lower()}-{secrets.token_hex(4)}@shops.example"
        self.secret = pyotp.random_base32()
        self.person_id = identity.add_member(
            merchant_id=merchant_id, email=self.email, name=name, password=PASSWORD, role=role
        )
        identity.give_authenticator(person_id=self.person_id, secret=self.secret)

    @property
    def code(self):
        return pyotp.TOTP(self.secret).now()


def signs_in(at_pages, colleague, *, wanted="/review"):
    """E-mail and password, then the code; `at_pages` is a browser with `sends` (tests.web.conftest.Shopper)."""
    at_pages.sends("/account/login/", login=colleague.email, password=PASSWORD, next=wanted)
    at_pages.sends("/account/2fa/authenticate/", code=colleague.code)
    return at_pages
