"""XLSForm workbooks (.xlsx), as ODK, KoboToolbox and others use them: reader and writer."""

from forms_catalog.formats.xlsform.reading import FORMAT, looks_like, read
from forms_catalog.formats.xlsform.writing import write

__all__ = ["FORMAT", "looks_like", "read", "write"]
