"""Errors of the API that come from the state of a thing, not from what was sent."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException


class Conflict(APIException):
    """409: well asked, but not possible in the state the thing is in now."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "state_conflict"
    default_detail = "Not possible in the present state. Fetch it again and look at its state."
