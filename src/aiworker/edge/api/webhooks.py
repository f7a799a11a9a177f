"""Webhooks that come in. Their signature is their only credential."""

import hashlib
import hmac
import re

from fastapi import Request
from pydantic import ValidationError

from aiworker.core.errors import Invalid, Unauthenticated
from aiworker.delivery.forge_news.news import Payload, news_of
from aiworker.edge.api.context import Context, address_of
from aiworker.edge.api.routing import public_router
from aiworker.wire.base import Answer, ErrorAnswer, Wire
from aiworker.wire.problems import first_problem

router = public_router("webhooks")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")


class Heard(Wire):
    """`taken`: it is written down and will be looked into; not if it came before or concerns nobody here."""

    taken: bool


@router.post(
    "/webhooks/gitea",
    status_code=202,
    responses={code: {"model": ErrorAnswer} for code in (401, 413, 422, 429, 503)},
)
async def hear_gitea(request: Request, context: Context) -> Answer[Heard]:
    """What Gitea or Forgejo tells of a repository, signed (`X-Gitea-Signature`) with the webhook's secret.

    Answered as soon as it is on disk; events and repositories that nobody here knows are taken note of by nobody.
    """
    body = await request.body()
    if not _is_signed(request, context.delivery.doors.webhook_secret, body):
        await context.access.limit_stranger(address_of(request))
        raise Unauthenticated(
            "The signature is not that of this body with our secret; see GITEA_WEBHOOK_SECRET.", code="signature_wrong"
        )
    await context.access.limit_neighbour("gitea")
    event, delivery = _named(request, "x-gitea-event"), _named(request, "x-gitea-delivery")
    payload = _read(body)
    news = news_of(event, payload)
    if news is None or payload.repository is None:
        return Answer(data=Heard(taken=False))
    taken = await context.database.write(context.delivery.forge_news.take, delivery, event, payload.repository, news)
    return Answer(data=Heard(taken=taken))


def _is_signed(request: Request, secret: str, body: bytes) -> bool:
    given = request.headers.get("x-gitea-signature") or ""
    given = given or request.headers.get("x-hub-signature-256", "").removeprefix("sha256=")
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), given.encode())


def _named(request: Request, header: str) -> str:
    value = request.headers.get(header, "")
    if not _NAME.fullmatch(value):
        raise Invalid(f"{header}: must be what Gitea sends there, a short name.", code="bad_header")
    return value


def _read(body: bytes) -> Payload:
    try:
        return Payload.model_validate_json(body)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            sentence = "The body is not JSON: set the webhook's content type to application/json."
            raise Invalid(sentence, code="bad_json") from None
        raise Invalid(first_problem(error), code="not_gitea") from None
