"""CDISC ODM-XML 1.1 to 2.0 and REDCap's flavour of it: its reader and its writers for 1.3.2 and 2.0."""

from forms_catalog.formats.odm.reading import FORMAT, looks_like, read
from forms_catalog.formats.odm.writing import write, write_2

__all__ = ["FORMAT", "looks_like", "read", "write", "write_2"]
