"""Recoup's settings as the type checker's Django plugin loads them: it reads the models and connects to nothing."""

import os

os.environ.setdefault("RECOUP_MODE", "demo")
os.environ.setdefault("RECOUP_SECRET_KEY", "only-for-the-type-checker-" + "x" * 30)
os.environ.setdefault("RECOUP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")

from recoup.config.settings import *  # noqa: F403
