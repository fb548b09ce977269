"""Shops, browsers and colleagues for the tests of accounts are those of the pages' tests."""

from tests.letters import letters, texts
from tests.notifications.conftest import no_post, post
from tests.web.conftest import browser, mails, mei

__all__ = ["browser", "letters", "mails", "mei", "no_post", "post", "texts"]
