"""Exports over the API: the same files as the page."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from forms_catalog import access
from forms_catalog.export_choice import ExportError
from forms_catalog.pages import exports
from sites.access import has_role

TEXT = OpenApiTypes.STR
PARAMETERS = [
    OpenApiParameter("what", TEXT, description="catalog, program or merged"),
    OpenApiParameter("program", TEXT, many=True, description="program codes; one for `program`"),
    OpenApiParameter("version", OpenApiTypes.INT, description="of a program; the newest where left out"),
    OpenApiParameter("to", TEXT, required=True, description="fhir, odm, odm2, redcap or xlsform"),
]


class Exports(APIView):
    """A dictionary as a file."""

    @extend_schema(parameters=PARAMETERS, responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request) -> HttpResponse:
        """`X-AskOnce-Losses` says how many things the format could not say; the export page lists them."""
        user = request.user
        if not has_role(user, *access.READERS):  # type: ignore[arg-type]
            raise PermissionDenied
        try:
            return exports.attachment(exports.chosen(user, request.query_params))  # type: ignore[arg-type]
        except ExportError as error:
            raise ValidationError({"to": str(error)}) from error
