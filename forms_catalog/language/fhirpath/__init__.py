"""FHIRPath as questionnaires use it, to the one syntax tree; what cannot be translated soundly is refused."""

from forms_catalog.language.fhirpath.building import Answer, number_node
from forms_catalog.language.fhirpath.translating import calculation_of, condition_of

__all__ = ["Answer", "calculation_of", "condition_of", "number_node"]
