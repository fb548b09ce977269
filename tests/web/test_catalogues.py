"""Every word of the shopper's pages is said in every language, and no template speaks past the catalogues."""

import gettext
import re
import string

import pytest

LOCALES = ("zh_Hans", "ms", "ta")
_NAMED = re.compile(r"%\((\w+)\)s|\{(\w*)\}")
_TAGS = re.compile(r"<[^>]*>")
#: What a template holds beside text: tags, variables, comments, and all of a translated block.
_NOT_TEXT = re.compile(
    r"\{% blocktranslate.*?%\}.*?\{% endblocktranslate %\}|\{% comment %\}.*?\{% endcomment %\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|<svg.*?</svg>|<script.*?</script>",
    re.DOTALL,
)
_ATTRIBUTES = re.compile(r'\b(?:aria-label|placeholder|alt|title|data-done)="([^"]*)"')
#: The name of the house, and words that are the names of CSS classes in a block of their own.
_LEFT_ALONE = {"Recoup", "is-wide"}


@pytest.fixture
def translations(database):
    from tools import translations

    return translations


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_that_is_said_is_without_its_translation(translations, locale):
    said = set(translations.gathered())
    known = {message.id: message for message in translations.catalogue(locale) if message.id}

    assert said - set(known) == set(), "run: python -m tools.translations"
    assert set(known) - said == set(), "run: python -m tools.translations"
    for text, message in known.items():
        assert not message.fuzzy, text
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(forms), text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_keeps_every_placeholder_and_every_tag(translations, locale):
    for message in translations.catalogue(locale):
        if not message.id:
            continue
        one, many = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        for form in forms:
            assert set(_NAMED.findall(form)) in (set(_NAMED.findall(one)), set(_NAMED.findall(many))), form
            assert sorted(_TAGS.findall(form)) == sorted(_TAGS.findall(one)), form
        if "{" in many and "%(" not in many:
            assert [field for _, field, _, _ in string.Formatter().parse(forms[-1]) if field is not None], forms[-1]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_django_reads_is_what_translators_wrote(translations, locale):
    with translations.path_of(locale, "mo").open("rb") as file:
        read = gettext.GNUTranslations(file)

    for message in translations.catalogue(locale):
        if isinstance(message.id, tuple):
            assert read.ngettext(*message.id, 2) == message.string[-1]
        elif message.id:
            assert read.gettext(message.id) == message.string


def test_no_template_of_shoppers_holds_a_word_that_nobody_can_translate(translations):
    bare = []
    for path in translations.templates():
        source = path.read_text()
        texts = re.split(r"<[^>]*>", _NOT_TEXT.sub(" ", re.sub(r'="[^"]*"', '=""', source)))
        texts += [_NOT_TEXT.sub(" ", told) for told in _ATTRIBUTES.findall(source)]
        bare += [f"{path.name}: {text.strip()}" for text in texts if _is_bare(text)]

    assert bare == []


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "已批准：S$18.90。"),  # noqa: RUF001 - Chinese writes its colon wide
        ("ms", "Diluluskan: S$18.90."),
        ("ta", "அங்கீகரிக்கப்பட்டது: S$18.90."),
        ("en", "Approved: S$18.90."),
    ],
)
def test_the_policys_answer_is_told_in_the_readers_language(database, language, words):
    from django.utils import translation
    from django.utils.translation import gettext as say

    from recoup.refunds.policy.verdict import Outcome
    from recoup.refunds.policy.words import OPENINGS
    from recoup.web.shopper.outlook import without_opening

    with translation.override(language):
        told = say(OPENINGS[Outcome.APPROVE]).format(amount="S$18.90")
        assert told == words
        assert without_opening(f"{told} 18.", 1890, "SGD") == "18."


def _is_bare(text):
    words = text.replace("&nbsp;", " ").strip(" \n·.,:;()“”")
    return bool(re.search(r"[A-Za-z]{2,}", words)) and words not in _LEFT_ALONE
