"""The cost of a request over the API: the newest estimate."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from capture.models import Estimate
from forms_catalog.access import READERS, program_or_404


class CostOut(serializers.Serializer[Any]):
    """Fields by kind, minutes a visit, hours a site and year with the stated range, and what would be cheaper."""

    program = serializers.CharField()
    version = serializers.IntegerField()
    fields_by_kind = serializers.DictField()
    minutes_per_visit = serializers.DictField()
    hours_per_site_year = serializers.DictField()
    sites_over_budget = serializers.ListField(child=serializers.DictField())
    suggestions = serializers.ListField(child=serializers.DictField())
    near = serializers.DictField(child=serializers.CharField())
    undecided = serializers.IntegerField()
    assumptions = serializers.ListField(child=serializers.CharField())


class RequestCost(APIView):
    """What accepting would cost."""

    @extend_schema(responses=CostOut)
    def get(self, request: Request, code: str) -> Response:
        """The newest estimate of the program; 404 before the first."""
        program = program_or_404(request.user, code, *READERS)  # type: ignore[arg-type]
        made = Estimate.objects.filter(version__program=program).select_related("version").first()
        if made is None:
            raise Http404("Nobody has estimated this request yet. Use the cost page first.")
        body = {
            "program": code,
            "version": made.version.number,
            "fields_by_kind": made.result["fields"],
            "minutes_per_visit": made.result["minutes_per_visit"],
            "hours_per_site_year": made.result["hours_per_site_year"],
            "sites_over_budget": made.result.get("over_budget", []),
            "suggestions": made.result.get("suggestions", []),
            "near": made.result.get("near", {}),
            "undecided": made.result.get("undecided", 0),
            "assumptions": made.result["assumptions"],
        }
        return Response(body)
