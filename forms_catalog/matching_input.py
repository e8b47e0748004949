"""Requests from a file, for the commands that match without a database: JSONL rows or any dictionary that is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forms_catalog import formats
from forms_catalog.formats import UnreadableFile
from forms_catalog.matching import Query, queries_of_fields, query_of_row


class UnreadableInput(Exception):
    """A file that cannot be read as requests; the message is one line and names the file and where it can the line."""

    code = "unreadable_input"


@dataclass(frozen=True, slots=True)
class Requested:
    """One request with the id its file gives it: the row's own, else its path or name, else its place (from 0)."""

    id: str
    query: Query


def read(path: Path) -> list[Requested]:
    """The requests of a file, in order: JSONL rows, bare or {"query": {…}}, or a dictionary. Raises UnreadableInput."""
    data = read_bytes(path)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        rows = list(_rows(path, data))
        if rows and all(("label" in query or "name" in query) and "resourceType" not in query for _, query in rows):
            return [_requested(place, id, query_of_row(query)) for place, (id, query) in enumerate(rows)]
    try:
        fields = formats.read(data, path.stem).fields
    except UnreadableFile as error:
        raise UnreadableInput(f"{path}: {error.message}") from error
    return [_requested(place, "", query) for place, query in enumerate(queries_of_fields(fields))]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableInput."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"{path} cannot be opened: {error}.") from error


def _requested(place: int, id: str, query: Query) -> Requested:
    return Requested(id or query.path or query.name or str(place), query)


def _rows(path: Path, data: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Id ('' where it has none) and query of each row of a JSONL file; nothing where the file is one document over
    many lines."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{path} is not UTF-8 text.") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == 1:
                return  # one JSON document over many lines: a dictionary of another format
            raise UnreadableInput(f"{path}, line {number}: this is not JSON.") from error
        query = row.get("query", row) if isinstance(row, Mapping) else None
        if not isinstance(query, Mapping):
            raise UnreadableInput(f"{path}, line {number}: a request must be a JSON object.")
        id = row.get("id", query.get("id"))
        yield "" if id is None else str(id), query
