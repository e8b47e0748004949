"""TranslatedText in one or many languages: the texts of an element, and which language is the main one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from forms_catalog.formats.html_text import plain
from forms_catalog.formats.odm.elements import LANG, attribute, children, words
from forms_catalog.formats.xml_input import Element

MAX_TEXT = 100_000  # characters of one text; what is longer is cut
MAX_LANGUAGES = 20  # in one file; a hostile one has thousands

Texts = dict[str, str]  # language ('' where the file names none) → text


@dataclass(frozen=True, slots=True)
class Speech:
    """How this file's texts are read: main language, those that are `kept`, `verbatim` where this product wrote it."""

    language: str
    verbatim: bool = False
    kept: frozenset[str] = frozenset()

    def texts(self, element: Element | None) -> Texts:
        """The texts of an element's TranslatedText children by language, the plain version where there are several."""
        found: Texts = {}
        styled: Texts = {}
        for text in () if element is None else children(element, "TranslatedText"):
            said = self.clean(words(text))
            if said:
                is_plain = attribute(text, "Type") in ("", "text/plain")
                (found if is_plain else styled).setdefault(attribute(text, LANG), said)
        if not found and not styled and element is not None and not len(element) and (element.text or "").strip():
            return {"": self.clean(element.text or "")}  # some put the words straight into the Question
        return {**styled, **found} if styled else found

    def clean(self, text: str) -> str:
        """One line without HTML; the text itself where this product wrote it."""
        if self.verbatim:
            return text
        return plain(text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} …")

    def main(self, texts: Texts) -> str:
        """The text in the main language, else in no named one, else the first there is."""
        if self.verbatim:
            return texts.get(self.language, "")
        return texts.get(self.language) or texts.get("") or next(iter(texts.values()), "")

    def others(self, *found: Texts) -> list[str]:
        """The other languages of these texts, in the order met."""
        met = dict.fromkeys(language for texts in found for language in texts)
        return [language for language in met if language in self.kept and language not in ("", self.language)]


def languages_of(versions: Iterable[Element]) -> Counter[str]:
    """How many texts there are in each language."""
    counted: Counter[str] = Counter()
    for version in versions:
        for text in version.iter("{*}TranslatedText"):
            if (text.text or "").strip() or len(text):
                counted[attribute(text, LANG)] += 1
    return counted


def main_language(counted: Counter[str]) -> str:
    """The language most texts are in; English where it is as frequent as another; '' where none is named."""
    if not counted:
        return ""
    most = max(counted.values())
    best = [language for language, count in counted.items() if count == most]
    return next((language for language in best if language.lower().split("-")[0] == "en"), best[0])
