"""Mails and texts about a case in the four languages: each said in its own, with the same facts and the same markup."""

import re

import pytest

from recoup.kernel import tongues
from tests.notifications.test_templates import SAID

TO_SHOPPERS = sorted(set(SAID) - {"webhooks_stopped"})
OTHERS = sorted(set(tongues.NAMES) - {"en"})
#: Words that the company or the practice data put there, and names.
_FACTS = re.compile(
    r"Tan & Söhne|Kettle <1 l>|Cup|Soap|Visa|Gift card|RC-7K3M-9QXD-4|SG-1042|SG|Recoup|https?://\S+|\S+@\S+|S\$[\d.]+"
)


@pytest.fixture
def say(cluster):
    from recoup.notifications import rendering

    def _say(template, locale):
        told = dict(SAID[template])
        told.pop("explanation", None)  # the policy's own words, which `refunds` translates
        return rendering.render(template=template, context=told, locale=locale)

    return _say


@pytest.mark.parametrize("template", TO_SHOPPERS)
@pytest.mark.parametrize("language", OTHERS)
def test_each_mail_is_in_the_language_from_its_subject_to_its_end(say, template, language):
    said, english = say(template, language), say(template, "en")

    assert said.language == tongues.TAGS[language]
    assert f'lang="{said.language}"' in said.html
    assert said.subject != english.subject
    for fact in ("RC-7K3M-9QXD-4", "S$89.90", "042137"):
        assert (fact in said.text) == (fact in english.text), fact
        assert (fact in said.html) == (fact in english.html), fact
    assert re.findall(r"<(\w+)", said.html) == re.findall(r"<(\w+)", english.html)
    sentences = {line.strip() for line in english.text.splitlines() if len(_FACTS.sub("", line).split()) > 3}
    kept = sentences & {line.strip() for line in said.text.splitlines()}
    assert not kept, "these lines are in English still"


def test_a_language_that_nobody_speaks_here_is_answered_in_english_and_a_region_by_its_language(say):
    assert say("approved", "fr-FR") == say("approved", "en")
    assert say("approved", "ta-SG") == say("approved", "ta")
    assert say("approved", "zh-CN") == say("approved", "zh-hans")


@pytest.mark.parametrize("language", [*OTHERS, "en"])
def test_a_text_is_said_in_the_language_of_the_page_and_fits(cluster, language):
    from django.utils import translation

    from recoup.notifications.texts import Text, worded

    with translation.override(language):
        words = {kind: worded(kind) for kind in Text}
    told = words[Text.CODE].format(code="042137", host="refunds.shop.example")
    assert told.endswith("\n@refunds.shop.example #042137"), "browsers recognise the last line"
    is_plain = all(len(text) == len(text.encode()) for text in (told,))
    assert len(told) <= (160 if is_plain else 2 * 67), told
    assert (language == "en") == told.startswith("042137 is your Recoup code")
