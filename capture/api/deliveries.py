"""Deliveries over the API: a program lists, fetches and acknowledges its own slices, and nothing else."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from capture import access
from capture.api.problems import Conflict
from capture.deliver import data_files, receipts, slices
from capture.deliver.outbox import WrongState
from capture.models import Delivery, Receipt
from sites import trail
from sites.access import acting_as, one_or_404
from sites.models import Role

PAGE = 50
READERS = (Role.SPONSOR, Role.MONITOR)


class DeliveryOut(serializers.Serializer[Any]):
    """One delivery on the list."""

    uuid = serializers.UUIDField()
    program = serializers.CharField()
    entry = serializers.CharField()
    number = serializers.IntegerField(help_text="which of several reports of the entry; 0 where it has one")
    revision = serializers.IntegerField()
    state = serializers.CharField()
    as_of = serializers.CharField()


class DeliveryList(serializers.Serializer[Any]):
    """A page; send `next` as ?cursor= for the following one."""

    results = DeliveryOut(many=True)
    next = serializers.CharField(allow_null=True)


class DeliveryFull(DeliveryOut):
    """One delivery with its values in the program's own terms."""

    subject_id = serializers.CharField()
    values = serializers.DictField()
    notes = serializers.DictField()
    repeats = serializers.ListField(child=serializers.DictField())


class ErrorOut(serializers.Serializer[Any]):
    """The one shape of errors."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField()  # type: ignore[assignment]


class AcknowledgeIn(serializers.Serializer[Any]):
    """What the program's system says."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class Deliveries(APIView):
    """Own deliveries, oldest first."""

    @extend_schema(
        operation_id="deliveries_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("state", str)],
        responses=DeliveryList,
    )
    def get(self, request: Request) -> Response:
        """At most 50 a page; held ones are left out."""
        rows = own(request).order_by("pk")
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        cursor = request.query_params.get("cursor", "")
        if cursor and not cursor.isdigit():
            raise ValidationError({"cursor": "Use the value of `next` of the page before."})
        page = list(rows.filter(pk__gt=int(cursor or 0))[: PAGE + 1])
        more = str(page[PAGE - 1].pk) if len(page) > PAGE else None
        return Response({"results": [line(d) for d in page[:PAGE]], "next": more})


class DeliveryDetail(APIView):
    """One delivery."""

    @extend_schema(parameters=[OpenApiParameter("to", str, enum=[*data_files.TYPES])], responses=DeliveryFull)
    def get(self, request: Request, uuid: str) -> HttpResponse:
        """Its values, or with `to` the data file; every fetch is written down as a receipt and in the trail."""
        row, to = one(request, uuid), request.query_params.get("to", "")
        data, media_type = _file(row, to) if to else (b"", "")
        actor = acting_as(request, *READERS, channel="api")
        details = {"format": to} if to else {}
        Receipt.objects.create(delivery=row, kind="fetched", at=actor.now, by=actor.name, details=details)
        trail.record(actor, "delivery_fetched", f"delivery:{row.uuid}", details=details)
        if to:
            return HttpResponse(data, content_type=media_type)
        slice_ = slices.load(row.payload)
        plain = [c for r in slice_.rows if not r.instance for c in r.cells]
        body = line(row) | {
            "subject_id": slice_.subject_id,
            "values": {c.name: c.value for c in plain},
            "notes": {c.name: c.note for c in plain if c.note},
            "repeats": [
                {"form": r.form, "instance": r.instance, "values": {c.name: c.value for c in r.cells}}
                for r in slice_.rows
                if r.instance
            ],
        }
        return Response(body)


def _file(row: Delivery, to: str) -> tuple[bytes, str]:
    """The data file and its media type. Raises ValidationError, in words, where it cannot be written."""
    try:
        return data_files.named(row, to)[:2]
    except ValueError as error:
        raise ValidationError({"to": str(error)}) from error


class Acknowledge(APIView):
    """The program's system holds it."""

    @extend_schema(request=AcknowledgeIn, responses={200: DeliveryOut, 409: ErrorOut})
    def post(self, request: Request, uuid: str) -> Response:
        """Marks the delivery as confirmed; a repeat changes nothing. 409 where it is not its turn, such as replaced."""
        given = AcknowledgeIn(data=request.data)
        given.is_valid(raise_exception=True)
        row = one(request, uuid, Role.SPONSOR)
        actor = acting_as(request, Role.SPONSOR, channel="api")
        try:
            row = receipts.acknowledge(row, actor=actor, note=given.validated_data.get("note", ""))
        except WrongState as error:
            raise Conflict(f"{error} Fetch it again to see its state.") from error
        return Response(line(row))


def own(request: Request, *wanted: str) -> QuerySet[Delivery]:
    """The deliveries of the caller's own programs that may leave, as one of the roles (any reader by default)."""
    mine = access.deliveries_for(request.user, *(wanted or READERS))  # type: ignore[arg-type]
    return mine.exclude(state=Delivery.State.HELD).select_related("timepoint__enrollment__program")


def one(request: Request, uuid: str, *wanted: str) -> Delivery:
    """One of them: 404 where the caller does not see it, 403 where a monitor would act for the program."""
    return one_or_404(own(request), own(request, *wanted), {"uuid": uuid})


def line(row: Delivery) -> dict[str, Any]:
    """A delivery on the list."""
    return {
        "uuid": str(row.uuid),
        "program": row.timepoint.enrollment.program.code,
        "entry": row.timepoint.entry_code,
        "number": row.payload.get("number", 0),
        "revision": row.revision,
        "state": row.state,
        "as_of": row.payload["as_of"],
    }
