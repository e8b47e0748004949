"""REDCap data dictionary CSV, verbose or API header: its reader and writer."""

from forms_catalog.formats.redcap.reading import FORMAT, looks_like, read
from forms_catalog.formats.redcap.writing import write

__all__ = ["FORMAT", "looks_like", "read", "write"]
