"""The screens of second factors: choose one, register it, prove it. Three of equal rank.

Codes go through plain forms and need no script. A security key needs one: the page carries
what the browser asks the key, and a form that its answer fills in (static/key.js).
"""

import json
from typing import Any, NamedTuple

import segno
from fastapi import Request
from starlette.responses import Response

from calllist.people.enrolment import Secret
from calllist.web.frame import page
from crypto.wire.people import Factor, FactorKind

QR_SCALE = 4  # pixels of a module
WIDE = str.maketrans("０１２３４５６７８９", "0123456789")


class Trouble(NamedTuple):
    """What went wrong just before this screen."""

    sentence: str | None = None
    status: int = 200


FINE = Trouble()


def digits(typed: str) -> str:
    """As typed; full-width digits are digits, too."""
    return typed.translate(WIDE)


def choice(request: Request, invitation: str, trouble: Trouble = FINE) -> Response:
    """Application, security key, token."""
    return _page(request, "factors.html", trouble, invitation=invitation)


def app(request: Request, invitation: str, secret: Secret, trouble: Trouble = FINE) -> Response:
    """The QR code, which is shown once, and the first code."""
    return _page(
        request,
        "factor.html",
        trouble,
        invitation=invitation,
        secret=secret.secret,
        uri=secret.uri,
        qr=segno.make(secret.uri, error="m").svg_data_uri(scale=QR_SCALE),
    )


def token(request: Request, invitation: str, factor: Factor, trouble: Trouble = FINE) -> Response:
    """A code of the token that was handed over, or of what the person has already."""
    return _page(request, "token.html", trouble, invitation=invitation, factor=factor)


def new_key(
    request: Request,
    invitation: str,
    options: dict[str, Any],
    trouble: Trouble = FINE,
) -> Response:
    """Register a security key."""
    where = "/welcome/key/register"
    return _key(request, trouble, options, where, invitation=invitation, step="register")


def first_key(
    request: Request,
    invitation: str,
    options: dict[str, Any],
    trouble: Trouble = FINE,
) -> Response:
    """The registered key signs for the first time."""
    where = "/welcome/key/sign-in"
    return _key(request, trouble, options, where, invitation=invitation, step="first")


def own_key(
    request: Request,
    invitation: str,
    options: dict[str, Any],
    trouble: Trouble = FINE,
) -> Response:
    """The key that the person has already signs."""
    where = "/welcome/key/sign-in"
    return _key(request, trouble, options, where, invitation=invitation, step="own")


def key(request: Request, options: dict[str, Any], trouble: Trouble = FINE) -> Response:
    """The second step of signing in, with a security key."""
    return _key(request, trouble, options, "/sign-in/key", invitation="", step="sign-in")


def code(request: Request, factor: Factor, trouble: Trouble = FINE) -> Response:
    """The second step of signing in, with a code."""
    return _page(
        request,
        "code.html",
        trouble,
        digits=factor.digits or 6,
        serial=factor.serial if factor.kind is FactorKind.TOKEN else "",
    )


def _key(
    request: Request, trouble: Trouble, options: dict[str, Any], action: str, **given: Any
) -> Response:
    return _page(request, "key.html", trouble, options=json.dumps(options), action=action, **given)


def _page(request: Request, template: str, trouble: Trouble, **given: Any) -> Response:
    if trouble.sentence is not None:
        given["error"] = trouble.sentence
    return page(request, template, status=trouble.status, **given)
