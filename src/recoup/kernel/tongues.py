"""The languages that Recoup speaks with shoppers (decision 0052)."""

from __future__ import annotations

ENGLISH = "en"
#: Each in its own words, as its readers look for it.
NAMES: dict[str, str] = {ENGLISH: "English", "zh-hans": "简体中文", "ms": "Bahasa Melayu", "ta": "தமிழ்"}
#: As `lang` and `Content-Language` write them.
TAGS: dict[str, str] = {ENGLISH: "en", "zh-hans": "zh-Hans", "ms": "ms", "ta": "ta"}
#: How other parts of the world write a language that we speak.
_ALIASES = {"zh": "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-my": "zh-hans"}


def spoken(locale: str) -> str:
    """The language that answers somebody who asked in `locale` (`ta-SG`, `zh-CN`): English where we have none."""
    wanted = locale.lower().replace("_", "-")
    for one in (wanted, _ALIASES.get(wanted, ""), wanted.partition("-")[0]):
        if one in NAMES:
            return one
    return ENGLISH
