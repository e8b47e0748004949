"""REDCap data dictionary CSV, verbose or API header: its reader."""

from forms_catalog.formats.redcap.reading import FORMAT, looks_like, read

__all__ = ["FORMAT", "looks_like", "read"]
