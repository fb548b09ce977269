"""People with browsers that do not run scripts, in front of the pages; the mails they get are kept in a list."""

import io
import re

import pytest


@pytest.fixture
def mails(database):
    from django.core import mail
    from django.test import override_settings

    mail.outbox = []
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield mail.outbox


@pytest.fixture
def browser(database):
    from django.test import Client

    return Client()


@pytest.fixture
def mei(browser, mails, shop):
    return Shopper(browser, mails, shop)


class Shopper:
    """Mei, at the pages. Each method is something she does; `page` is what she sees afterwards."""

    def __init__(self, browser, mails, shop):
        self.browser, self.mails, self.shop = browser, mails, shop
        self.email = f"mei@{shop.slug}.example"
        self.response = None

    @property
    def page(self):
        return self.response.content.decode()

    @property
    def path(self):
        return self.response.request["PATH_INFO"]

    def opens(self, path):
        self.response = self.browser.get(path, follow=True)
        return self

    def sends(self, path, **fields):
        self.response = self.browser.post(path, fields, follow=True)
        return self

    def asks_about(self, order_number, email=None):
        return self.sends(f"/ask/{self.shop.slug}", order_number=order_number, email=email or self.email)

    def enters_the_code(self, where=None):
        (digits,) = re.findall(r"Your code: (\d{6})", self.mails[-1].body)
        return self.sends(where or f"/ask/{self.shop.slug}/code", code=digits)

    def chooses(self, **quantities):
        places = {name.removeprefix("line"): many for name, many in quantities.items()}
        return self.sends(
            f"/ask/{self.shop.slug}/items",
            line=list(places),
            **{f"many-{place}": many for place, many in places.items()},
        )

    def says(self, words="", **fields):
        return self.sends(f"/ask/{self.shop.slug}/reason", words=words, **fields)

    def confirms(self):
        key = re.search(r'name="key" value="([^"]+)"', self.page)[1]
        return self.sends(f"/ask/{self.shop.slug}/check", key=key)

    @property
    def case_number(self):
        return re.search(r"RC-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]", self.page)[0]


def photo(colour="orange", name="cracked.jpg"):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    buffer = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), content_type="image/jpeg")
