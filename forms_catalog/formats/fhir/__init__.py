"""FHIR Questionnaire STU3, R4, R4B and R5 (JSON): its reader, and its writer for R4."""

from forms_catalog.formats.fhir.reading import FORMAT, looks_like, read
from forms_catalog.formats.fhir.writing import write

__all__ = ["FORMAT", "looks_like", "read", "write"]
