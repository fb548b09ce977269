"""The catalogues of translations: `python -m tools.translations` brings them up to date (contributing/translating.md).

What is to be said is gathered from the shopper's templates, from calls of gettext, and from the tables of sentences
that modules name as `TEXTS`. The `.po` files under src/recoup/locale are for translators; the `.mo` files beside them
are what Django reads. Both are committed, so that a house needs no compiler of catalogues to run.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "src" / "recoup"
LOCALES = ("zh_Hans", "ms", "ta")
TEMPLATES = ROOT / "web" / "templates"
#: The mails about cases. Those to people of companies stay English, as their pages are.
_MAILS = ROOT / "notifications" / "templates" / "notifications"
_ENGLISH_MAILS = ("webhooks_stopped", "account_letter")
#: Pages that shoppers see, and the parts of which they are made.
_FOR_SHOPPERS = ("*.html", "frame/*.html", "errors/*.html", "shopper/*.html", "cases/*.html")
_PARTS = "clocks company field item photos problems reason routes steps sum timeline".split()
_TABLES = (
    "recoup.kernel.phone_numbers",
    "recoup.refunds.policy.words",
    "recoup.web.account.contacts",
    *(
        f"recoup.web.shopper.{name}"
        for name in "case_page companies outlook reasons standing story view_models".split()
    ),
)
_CALLS = {"gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "_": None}

Text = str | tuple[str, str]


def templates() -> list[Path]:
    """The templates of the shopper's pages and mails."""
    found = [path for pattern in _FOR_SHOPPERS for path in TEMPLATES.glob(pattern)]
    mails = [path for path in _MAILS.rglob("*.*") if path.name.partition(".")[0] not in _ENGLISH_MAILS]
    return sorted([*found, *(TEMPLATES / "parts" / f"{name}.html" for name in _PARTS), *mails])


def gathered() -> list[Text]:
    """Everything that is to be said, once, in the order in which it is met. A pair: for one, and for many."""
    return list(dict.fromkeys([*_of_templates(), *_of_calls(), *_of_tables()]))


def _of_templates() -> Iterator[Text]:
    from django.utils.translation.template import templatize

    for path in templates():
        yield from _read(templatize(path.read_text()))


def _of_calls() -> Iterator[Text]:
    for path in sorted([*(ROOT / "web").rglob("*.py"), *(ROOT / "notifications").rglob("*.py")]):
        source = path.read_text()
        if "gettext" in source:
            yield from _read(source)


def _of_tables() -> Iterator[Text]:
    for name in _TABLES:
        yield from import_module(name).TEXTS
    from recoup.identity.actions.accept_code import CodeWrong
    from recoup.identity.actions.issue_code import TooManyCodes
    from recoup.kernel.errors import NotFound
    from recoup.refunds.policy import floors
    from recoup.web import errors

    yield from (refusal.title for refusal in (CodeWrong, TooManyCodes, NotFound))
    yield from errors.TEXTS
    laws = floors.current_floors().by_country.values()
    yield from sorted({rule.title for rules in laws for rule in rules})


def _read(source: str) -> Iterator[Text]:
    for _, found, _, _ in extract("python", io.BytesIO(source.encode()), keywords=_CALLS):
        if isinstance(found, str):
            yield found
        else:
            yield found[0], found[1]


def path_of(locale: str, suffix: str) -> Path:
    """Where a language's catalogue is."""
    return ROOT / "locale" / locale / "LC_MESSAGES" / f"django.{suffix}"


def catalogue(locale: str) -> Catalog:
    """The language's catalogue as translators left it."""
    with path_of(locale, "po").open("rb") as file:
        return read_po(file, locale=locale)


def bring_up_to_date(locale: str) -> list[Text]:
    """New texts are added, what is said no more is dropped, and the `.mo` file is written; what has no translation."""
    old = catalogue(locale)
    fresh = Catalog(
        locale=locale,
        fuzzy=False,
        header_comment="# The words of Recoup's pages. How to write them: docs/contributing/translating.md",
        project="Recoup",
        version="1",
        last_translator="Recoup",
        language_team=locale,
        msgid_bugs_address="-",
    )
    fresh.creation_date = fresh.revision_date = old.creation_date
    missing: list[Text] = []
    for text in gathered():
        known = old.get(text[0] if isinstance(text, tuple) else text)
        fresh.add(text, known.string if known else "", flags=["python-format"] if known and known.python_format else ())
        said = known.string if known else ""
        if not (all(said) if isinstance(said, tuple) else said):
            missing.append(text)
    with path_of(locale, "po").open("wb") as file:
        write_po(file, fresh, width=120, omit_header=False)
    with path_of(locale, "mo").open("wb") as file:
        write_mo(file, fresh)
    return missing


def main() -> int:
    """Every language; says what is still to be translated."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tools.settings_for_types")
    django.setup()
    missing = {locale: bring_up_to_date(locale) for locale in LOCALES}
    for locale, texts in missing.items():
        print(f"{locale}: {len(texts)} to translate")
        for text in texts:
            print(f"  {text}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
