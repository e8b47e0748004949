"""The type column of an XLSForm: what it says, the kind of answer, and who gives it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Type → kind, for the questions a person answers.
ASKED = {
    "text": "text", "string": "text", "integer": "integer", "int": "integer", "decimal": "decimal",
    "range": "decimal", "date": "date", "datetime": "datetime", "time": "time", "barcode": "text",
    "geopoint": "text", "geotrace": "text", "geoshape": "text", "osm": "text", "phone_number": "text",
    "image": "file", "photo": "file", "audio": "file", "video": "file", "file": "file",
    "acknowledge": "choice", "trigger": "choice",
    "select_one": "choice", "select_multiple": "multichoice", "rank": "multichoice",
}  # fmt: skip
# Type → kind, for what the device fills in or only shows.
SILENT = {
    "note": "display", "calculate": "text", "hidden": "text", "start": "datetime", "end": "datetime",
    "today": "date", "deviceid": "text", "imei": "text", "username": "text", "email": "text",
    "phonenumber": "text", "simserial": "text", "subscriberid": "text", "audit": "text",
    "start-geopoint": "text", "background-audio": "file", "background-geopoint": "text", "xml-external": "text",
    "csv-external": "text",
}  # fmt: skip
_SELECTS = {
    "select_one": "select_one", "select one": "select_one", "select1": "select_one", "select one from": "select_one",
    "add select one prompt using": "select_one", "select_multiple": "select_multiple",
    "select multiple": "select_multiple", "select all that apply": "select_multiple",
    "select all that apply from": "select_multiple", "add select multiple prompt using": "select_multiple",
    "rank": "rank", "select_one_external": "select_one", "select_one_from_file": "select_one",
    "select_multiple_from_file": "select_multiple", "select one from file": "select_one",
    "select multiple from file": "select_multiple",
}  # fmt: skip
_WORDS = {"add image prompt": "image", "add photo prompt": "image",
          "add audio prompt": "audio", "add video prompt": "video", "add file prompt": "file",
          "phone number": "phone_number", "device id": "deviceid", "start time": "start", "end time": "end",
          "get text": "text", "add date prompt": "date", "gps": "geopoint",
          "location": "geopoint"}  # fmt: skip
_MARKER = re.compile(r"(begin|end)[\s_]+(group|lgroup|repeat|loop|looped group|score|rank|kobomatrix)", re.IGNORECASE)
_REPEATS = ("lgroup", "repeat", "loop", "looped group")  # score, rank and kobomatrix are KoboToolbox's groups
_SELECT = re.compile(
    r"(" + "|".join(re.escape(word) for word in sorted(_SELECTS, key=len, reverse=True)) + r")\s+(\S.*)", re.IGNORECASE
)
_OTHER = re.compile(r"\s+or[_\s](?:specify[_\s])?other\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marker:
    """The beginning or end of a group or repeat."""

    begins: bool
    repeats: bool


@dataclass(frozen=True, slots=True)
class Type:
    """A question's type in present words, '' where it is not known; of a select its list and where that stands."""

    word: str
    kind: str = "text"
    asks: bool = True
    list_name: str = ""
    elsewhere: bool = False
    or_other: bool = False


def marker_of(written: str) -> Marker | None:
    """'begin group', 'end_repeat', …; None for a question."""
    found = _MARKER.match(written.strip())
    if not found:
        return None
    return Marker(found[1].lower() == "begin", found[2].lower() in _REPEATS)


def type_of(written: str) -> Type:
    """What the cell says about a question."""
    text = " ".join(written.split())
    select = _SELECT.fullmatch(text)
    if select:
        return _select(select[1].lower(), select[2])
    word = _WORDS.get(text.lower(), text.lower())
    if word in ASKED and word not in _SELECTS.values():
        return Type(word, ASKED[word])
    if word in _SELECTS:
        return Type(_SELECTS[word], ASKED[_SELECTS[word]])
    if word in SILENT:
        return Type(word, SILENT[word], asks=False)
    return Type("")


def _select(written: str, rest: str) -> Type:
    word = _SELECTS[written]
    name = _OTHER.sub("", rest)
    elsewhere = "file" in written or "external" in written or "${" in name
    return Type(word, ASKED[word], list_name=name.strip(), elsewhere=elsewhere, or_other=name != rest)
