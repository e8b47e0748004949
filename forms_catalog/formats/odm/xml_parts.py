"""What ODM 1.3.2 and 2.0 are built of: elements of one namespace, texts in languages, formal expressions, aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from forms_catalog.formats.odm import own
from forms_catalog.formats.odm.elements import LANG
from forms_catalog.formats.xml_input import Element
from forms_catalog.specs import DictionarySpec, EventSpec, FieldSpec, Loss, Option, Translation

NAMESPACES = {"1.3.2": "http://www.cdisc.org/ns/odm/v1.3", "2.0": "http://www.cdisc.org/ns/odm/v2.0"}
_BAD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_TEXTS = tuple(name for name, kind in FieldSpec.__annotations__.items() if kind == "str")

Said = list[tuple[str, str]]  # language and text


@dataclass(frozen=True, slots=True)
class Edition:
    """The edition that is written, and the main language of its texts ('' where none is known)."""

    version: str
    language: str

    @property
    def is_2(self) -> bool:
        """Whether it is ODM 2.0."""
        return self.version == "2.0"

    def root(self, attributes: dict[str, str]) -> Element:
        """The ODM element."""
        namespace = NAMESPACES[self.version]
        return etree.Element(f"{{{namespace}}}ODM", attributes, nsmap={None: namespace})  # type: ignore[dict-item]

    def add(self, parent: Element, name: str, **attributes: str) -> Element:
        """A new last child."""
        return etree.SubElement(parent, f"{{{NAMESPACES[self.version]}}}{name}", attributes)

    def say(
        self, parent: Element, name: str, text: str, others: Iterable[tuple[str, str]] = (), *, must: bool = False
    ) -> None:
        """A child with its text in the main language and others; none where there is nothing to say and it may lack."""
        said = [(self.language, text), *others]
        given = [(language, words) for language, words in said if words]
        if not given and not must:
            return
        holder = self.add(parent, name)
        for language, words in given or said[:1]:
            translated = self.add(holder, "TranslatedText", **({"Type": "text/plain"} if self.is_2 else {}))
            translated.text = words
            if language:
                translated.set(LANG, language)

    def formal(self, parent: Element, text: str, context: str) -> None:
        """A FormalExpression; ODM 2.0 wants a signature before it and a Code in it."""
        if self.is_2:
            self.add(parent, "MethodSignature")
        expression = self.add(parent, "FormalExpression", Context=context)
        (self.add(expression, "Code") if self.is_2 else expression).text = text

    def own(self, parent: Element, said: dict[str, str]) -> None:
        """This product's own Aliases, for what ODM has no place for."""
        for name, text in said.items():
            self.add(parent, "Alias", Context=own.PREFIX + name, Name=text)


def is_language(text: str) -> bool:
    """Whether XML takes it as the name of a language."""
    return bool(_LANGUAGE.fullmatch(text))


def clean(text: str) -> str:
    """The text with U+FFFD for every character that XML cannot hold."""
    return _BAD.sub("\ufffd", text)


def cleaned(spec: DictionarySpec) -> tuple[DictionarySpec, list[Loss]]:
    """The dictionary without characters that XML cannot hold, and where there were some."""
    losses: list[Loss] = []
    fields = tuple(_cleaned_field(field, losses) for field in spec.fields)
    events = tuple(_cleaned_event(event) for event in spec.events)
    if events != spec.events:
        losses.append(Loss("", "events", "A character that XML cannot hold was replaced."))
    language = spec.language if is_language(spec.language) else ""
    if language != spec.language:
        losses.append(Loss("", "language", f"{spec.language[:40]!r} is no name of a language in XML."))
    return replace(spec, fields=fields, events=events, title=clean(spec.title), language=language), losses


def _cleaned_event(event: EventSpec) -> EventSpec:
    forms = tuple(map(clean, event.forms))
    return replace(event, code=clean(event.code), label=clean(event.label), arm=clean(event.arm), forms=forms)


def _cleaned_field(field: FieldSpec, losses: list[Loss]) -> FieldSpec:
    changes: dict[str, object] = {n: clean(v) for n in _TEXTS if _BAD.search(v := getattr(field, n)) and n != "path"}
    options = _cleaned_options(field.options)
    codes = tuple((clean(system), clean(code), clean(display)) for system, code, display in field.codes)
    translations = tuple(
        Translation(t.language, clean(t.label), clean(t.note), _cleaned_options(t.options)) for t in field.translations
    )
    for name, value in (("options", options), ("codes", codes), ("translations", translations)):
        if value != getattr(field, name):
            changes[name] = value
    losses += [Loss(field.path, name, "A character that XML cannot hold was replaced by U+FFFD.") for name in changes]
    return replace(field, **changes) if changes else field  # type: ignore[arg-type]


def _cleaned_options(options: tuple[Option, ...]) -> tuple[Option, ...]:
    return tuple(Option(clean(option.code), clean(option.label)) for option in options)
