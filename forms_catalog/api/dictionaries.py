"""Dictionaries over the API: the same gateway and report as the page."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from forms_catalog import access, handing_in, intake, mapping, proposal_runs
from forms_catalog.models import DictionaryVersion
from forms_catalog.specs import AskSpec
from sites.access import acting_as


class UploadIn(serializers.Serializer[Any]):
    """What to send, as multipart form data."""

    program = serializers.SlugField()
    dictionary = serializers.FileField()
    schedule = serializers.FileField(required=False)


class ProblemOut(serializers.Serializer[Any]):
    """One finding."""

    line = serializers.IntegerField()
    path = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.CharField()
    message = serializers.CharField()


class ProposingOut(serializers.Serializer[Any]):
    """How far the matcher is: none, queued, running, done, overtaken by a newer version, dead (given up, see error)."""

    state = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    counts = serializers.DictField()
    error = serializers.CharField()


class DictionaryOut(serializers.Serializer[Any]):
    """One version with its import report."""

    uuid = serializers.UUIDField()
    program = serializers.CharField()
    number = serializers.IntegerField()
    format = serializers.CharField()
    edition = serializers.CharField()
    languages = serializers.ListField()
    counts = serializers.DictField()
    problems = ProblemOut(many=True)
    carried = serializers.DictField()
    proposing = ProposingOut()


class FieldOut(serializers.Serializer[Any]):
    """One field request and where its mapping stands."""

    path = serializers.CharField()
    wording = serializers.CharField()
    state = serializers.CharField()
    relation = serializers.CharField()
    element = serializers.CharField()


class RequestOut(serializers.Serializer[Any]):
    """The mapping state of a program's newest version."""

    program = serializers.CharField()
    version = serializers.IntegerField()
    decided = serializers.IntegerField()
    total = serializers.IntegerField()
    fields = FieldOut(many=True)  # type: ignore[assignment]


class Dictionaries(APIView):
    """Hand in a dictionary."""

    parser_classes = (MultiPartParser,)

    @extend_schema(request=UploadIn, responses={201: DictionaryOut})
    def post(self, request: Request) -> Response:
        """The same content twice gives the same version."""
        given = UploadIn(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data["program"]
        program = access.program_or_404(request.user, code, *access.UPLOADERS)  # type: ignore[arg-type]
        data, plans = given.validated_data["dictionary"], request.FILES.getlist("schedule")  # one or several
        actor = acting_as(request, *access.UPLOADERS, channel="api")
        try:
            schedules = [plan.read() for plan in plans] or None
            version, _ = handing_in.hand_in(program, data.read(), data.name, schedules, actor=actor)
        except intake.IntakeError as error:
            raise ValidationError({"dictionary": str(error)}) from error
        return Response(shown(version), status=status.HTTP_201_CREATED)


class Dictionary(APIView):
    """One version."""

    @extend_schema(responses=DictionaryOut)
    def get(self, request: Request, uuid: str) -> Response:
        """Its import report."""
        version = DictionaryVersion.objects.filter(uuid=uuid).select_related("program").defer("original").first()
        if version is None:
            raise Http404("There is no such dictionary.")
        access.program_or_404(request.user, version.program.code, *access.READERS)  # type: ignore[arg-type]
        return Response(shown(version))


class RequestState(APIView):
    """How far a program's mappings are."""

    @extend_schema(responses=RequestOut)
    def get(self, request: Request, code: str) -> Response:
        """Each field of the newest version with its decision."""
        program = access.program_or_404(request.user, code, *access.READERS)  # type: ignore[arg-type]
        version = intake.latest(program)
        if version is None:
            raise Http404("This program has no dictionary yet.")
        fields = [_field(ask) for ask in mapping.decided(version).asks if ask.field.asks]
        done = sum(1 for f in fields if f["state"] == "decided")
        body = {"program": code, "version": version.number, "decided": done, "total": len(fields), "fields": fields}
        return Response(body)


def _field(ask: AskSpec) -> dict[str, str]:
    found = ask.mapping
    return {
        "path": ask.field.path,
        "wording": ask.field.label,
        "state": "decided" if found else "to_review",
        "relation": found.relation if found else "",
        "element": " + ".join(s.element for s in found.sources) if found else "",
    }


def shown(version: DictionaryVersion) -> dict[str, Any]:
    """A version as the API shows it."""
    run = proposal_runs.of(version)
    return {
        "uuid": str(version.uuid),
        "program": version.program.code,
        "number": version.number,
        "format": version.format,
        "edition": version.about.get("edition", ""),
        "languages": version.about.get("languages", []),
        "counts": version.counts,
        "problems": version.problems,
        "carried": run.carried if run else {},
        "proposing": {
            "state": run.state if run else "none",
            "done": run.done if run else 0,
            "total": run.total if run else 0,
            "counts": run.counts if run else {},
            "error": run.last_error if run else "",
        },
    }
