"""HTML in labels to plain text: tags away, entities resolved, one line. Comparisons such as 'Hb < 7' stay."""

from __future__ import annotations

import html
import re

_INLINE = "a|abbr|b|big|em|font|i|label|mark|s|small|span|strike|strong|sub|sup|u"
_BLOCK = (
    "blockquote|body|br|button|caption|center|code|col|colgroup|dd|div|dl|dt|figure|footer|form|h[1-6]|head|header|hr|"
    "html|iframe|img|input|li|link|meta|object|ol|option|p|param|pre|script|section|select|source|style|table|tbody|"
    "td|textarea|tfoot|th|thead|title|tr|tt|ul|video|audio"
)
# The look ahead is for speed alone: a label of nothing but < would try each name at each of them.
_INLINE_TAG = re.compile(rf"<(?=/?[a-z])/?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BLOCK_TAG = re.compile(rf"<(?=/?[a-z])/?(?:{_BLOCK})(?:\s[^<>]*)?/?>", re.IGNORECASE)
# html.unescape alone raises on a character number of thousands of digits.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?", re.ASCII)
_SILENT = ("script", "style")


def plain(text: str) -> str:
    """The text a person reads, on one line."""
    if "<" in text:
        text = _without_comments(text)
        for tag in _SILENT:
            text = _without_content(text, tag)
        text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return " ".join(text.split())


def _without_comments(text: str) -> str:
    return _cut(text, "<!--", "-->") if "<!--" in text else text


def _without_content(text: str, tag: str) -> str:
    low = text.lower()
    return _cut(text, f"<{tag}", f"</{tag}>") if f"<{tag}" in low and f"</{tag}>" in low else text


def _cut(text: str, opening: str, closing: str) -> str:
    """Everything outside opening … closing, in one pass forward; an opening without its end is left as it is."""
    low, kept, at = text.lower(), [], 0
    while (start := low.find(opening, at)) >= 0 and (end := low.find(closing, start)) >= 0:
        kept.append(text[at:start])
        at = end + len(closing)
    return " ".join([*kept, text[at:]])
