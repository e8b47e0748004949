"""Request sheets: what sponsors write themselves, one question a row under free column names. Read only."""

from forms_catalog.formats.table.reading import FORMAT, looks_like, read

__all__ = ["FORMAT", "looks_like", "read"]
