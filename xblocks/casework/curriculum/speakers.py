"""The languages we prepare for, and who says a message in one of them.

`localise` asks for every message; what answers is a Speaker: English with the text itself, a Translator from catalogs, the
pseudo-language by its own rule, and a Recorder writes down what it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from casework import pseudo
from casework.catalogs import Catalog, Message, fingerprint

SOURCE = "en"

PLATFORM_CODES: Mapping[str, str] = {
    "zh-Hans": "zh_HANS",
    "zh-Hant": "zh_HANT",
    "fil": "tl",
    "pt-TL": "pt",
    "pt-PT": "pt",
    pseudo.LANG: "eo",
}
"""Our language tag -> the course `language` the platform knows, where they differ (reference: localisation §1). Open edX's own
pseudo-language goes by the code of Esperanto."""

LANGUAGES: Mapping[str, str] = {
    "en": "English", "th": "ภาษาไทย", "id": "Bahasa Indonesia", "vi": "Tiếng Việt", "km": "ភាសាខ្មែរ", "lo": "ພາສາລາວ",
    "my": "မြန်မာဘာသာ", "ms": "Bahasa Melayu", "fil": "Filipino", "tet": "Tetun", "pt-TL": "Português", "zh-Hans": "简体中文",
}  # fmt: skip
"""The languages we prepare for, in their own names. Those with packages today are named by the countries' `country.toml`."""


def platform_code(lang: str) -> str:
    """The value of the course field `language` on the platform."""
    return PLATFORM_CODES.get(lang, lang)


Asked = tuple[str, str, str]
"""(catalog, context, English text): names a message over all catalogs."""


@dataclass
class Speaker:
    """Answers messages in one language. This one speaks English: it answers with the text itself."""

    writes: ClassVar[bool] = False
    """Whether it keeps what a message says about itself to translators; most need not be told."""
    lang: str = SOURCE
    drafts: int = 0
    """How many answers so far no person has approved; a page or case during which it grows is a draft."""

    def say(self, message: Message) -> str | None:
        """The message's text in this language; None where there is none yet."""
        return message.text

    def counts(self) -> tuple[int, int, int]:
        """(messages asked, translated, approved); English has nothing to translate."""
        return 0, 0, 0


@dataclass
class Recorder(Speaker):
    """Writes down what it is asked."""

    writes: ClassVar[bool] = True
    messages: list[Message] = field(default_factory=list)

    def say(self, message: Message) -> str | None:
        self.messages.append(message)
        return message.text


@dataclass
class Pseudo(Speaker):
    """Speaks the pseudo-language, in which every message has a translation."""

    lang: str = pseudo.LANG

    def say(self, message: Message) -> str | None:
        return pseudo.said(message.text)


@dataclass
class Translator(Speaker):
    """Answers from catalogs, named as messages name them. `approved` are the hashes of translations a person approved."""

    catalogs: Mapping[str, Catalog] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()
    states: dict[Asked, int] = field(default_factory=dict)
    """0 not translated, 1 translated, 2 approved."""

    def say(self, message: Message) -> str | None:
        catalog = self.catalogs.get(message.catalog)
        said = catalog.get(message) if catalog else None
        approved = said is not None and bool(self.approved) and fingerprint(message, said) in self.approved
        self.states[message.catalog, *message.key] = 0 if said is None else 2 if approved else 1
        self.drafts += said is not None and not approved
        return said

    def counts(self) -> tuple[int, int, int]:
        states = list(self.states.values())
        return len(states), sum(state > 0 for state in states), sum(state == 2 for state in states)
