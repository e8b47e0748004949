"""Tokens: only a digest is stored, each has an end, and sign-out ends it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from sites import trail

LIFE = timedelta(days=90)


class TokenIn(serializers.Serializer[Any]):
    """A person's or system's account."""

    username = serializers.CharField()
    password = serializers.CharField()


class TokenOut(serializers.Serializer[Any]):
    """Send it as `Authorization: Token <token>`."""

    token = serializers.CharField()
    expires = serializers.DateTimeField()


class TenAMinute(AnonRateThrottle):
    """Guessing is slow."""

    rate = "10/min"


class Tokens(APIView):
    """Get a token."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_classes = (TenAMinute,)

    @extend_schema(request=TokenIn, responses={201: TokenOut}, auth=[])
    def post(self, request: Request) -> Response:
        """The same answer for an unknown name and a wrong password."""
        given = TokenIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = authenticate(request._request, **given.validated_data)
        if user is None:
            raise AuthenticationFailed("Name or password is wrong.")
        made, token = AuthToken.objects.create(user, expiry=LIFE)
        actor = trail.Actor(user.get_username(), "token", channel="api")
        trail.record(actor, "token_issued", f"user:{user.uuid}")
        return Response({"token": token, "expires": made.expiry}, status=status.HTTP_201_CREATED)
