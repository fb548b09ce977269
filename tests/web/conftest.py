"""People with browsers that run no scripts, in front of the pages; the codes mailed to them are read from the queue."""

import io
import re

import pytest

from tests.addresses import somewhere
from tests.letters import texts

__all__ = ["texts"]


class Mails:
    """The codes that wait to be mailed to people of one shop."""

    def __init__(self, shop):
        self.shop = shop

    def codes(self):
        from recoup.access import tenancy
        from recoup.notifications.models import Message

        @tenancy.query
        def read(*, merchant_id):
            found = Message.objects.filter(merchant_id=merchant_id, template="one_time_code").order_by("created_at")
            return [message.context["code"] for message in found]

        return read(merchant_id=self.shop.id)


@pytest.fixture
def mails(database, shop):
    return Mails(shop)


@pytest.fixture
def browser(database):
    from django.test import Client

    return Client(REMOTE_ADDR=somewhere())


@pytest.fixture
def mei(browser, mails, shop):
    return Shopper(browser, mails, shop)


class Shopper:
    """Mei, at the pages. Each method is something she does; `page` is what she sees afterwards."""

    def __init__(self, browser, mails, shop):
        self.browser, self.mails, self.shop = browser, mails, shop
        browser.defaults.setdefault("REMOTE_ADDR", somewhere())
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
        return self.sends(f"/ask/{self.shop.slug}", order_number=order_number, contact=email or self.email)

    def enters_the_code(self, where=None):
        return self.sends(where or f"/ask/{self.shop.slug}/code", code=self.mails.codes()[-1])

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


@pytest.fixture
def sits_down(database, mails, shop):
    """`sits_down(name, role)`: somebody new of the shop's staff, signed in; `.id` names them."""
    from django.test import Client

    from tests.web.staff_people import Colleague, signs_in

    def come(name, role):
        colleague = Colleague(shop.id, name, role)
        who = signs_in(Shopper(Client(), mails, shop), colleague, wanted="/account/")
        who.id = colleague.person_id
        return who

    return come
