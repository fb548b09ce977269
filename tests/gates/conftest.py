"""People and programs at the front door."""

import pytest
from django.test import Client

from tests.api.callers import Caller


@pytest.fixture
def caller(shop):
    """A server of the shop that may do everything."""
    return Caller(shop)


class Browser(Client):
    """Reads files to their end, as browsers do."""

    def request(self, **asked):
        response = super().request(**asked)
        if response.streaming:
            response.read = b"".join(response.streaming_content)
        response.close()
        return response


@pytest.fixture
def browser(database):
    return Browser(raise_request_exception=False)


@pytest.fixture(autouse=True)
def _nothing_remembered(database):
    from recoup.access import limits, origins
    from recoup.web import headers

    limits.forget()
    origins.forget()
    headers.of_kind.cache_clear()
    yield
    headers.of_kind.cache_clear()


@pytest.fixture
def set_limit(shop, as_worker):
    from recoup.access import actions

    def put(bucket, quota, window_s=10, **key):
        with as_worker():
            actions.set_limit(
                merchant_id=shop.id, bucket=bucket, quota=quota, window_s=window_s, by="operator", at=shop.now, **key
            )

    return put


@pytest.fixture
def rf(database):
    from django.test import RequestFactory

    return RequestFactory()
