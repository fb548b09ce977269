"""Shops, browsers and colleagues for the tests of accounts are those of the pages' tests."""

import pytest
from django.test import override_settings

from tests.web.conftest import browser, mails, mei

__all__ = ["browser", "mails", "mei"]


@pytest.fixture(autouse=True)
def _mails_are_kept(database):
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        yield
