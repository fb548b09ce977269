"""The languages that Recoup speaks with shoppers (decision 0052)."""

from __future__ import annotations

ENGLISH = "en"
#: Each in its own words, as its readers look for it.
NAMES: dict[str, str] = {ENGLISH: "English", "zh-hans": "简体中文", "ms": "Bahasa Melayu", "ta": "தமிழ்"}
#: As `lang` and `Content-Language` write them.
TAGS: dict[str, str] = {ENGLISH: "en", "zh-hans": "zh-Hans", "ms": "ms", "ta": "ta"}
