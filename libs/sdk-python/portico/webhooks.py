"""Checks what Portico's webhooks say (Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from typing import Any, Mapping, Sequence

_TOLERANCE_SECONDS = 300
_HOOKS = ("before_sign_up", "before_sign_in", "before_password_change", "token_claims", "on_new_device", "send_mail")


class WebhookVerificationError(Exception):
    """The message did not come from Portico, or came too late."""


def verify_webhook(
    *, headers: Mapping[str, str], body: str | bytes, secret: str | Sequence[str], now: float | None = None
) -> dict[str, Any]:
    """The message of a request, or WebhookVerificationError.

    ``body`` is what came over the wire, never parsed and printed again. Several secrets are tried, for the
    time in which one replaces the other.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        message_id, timestamp, signatures = (lower[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise WebhookVerificationError("The headers of a webhook are missing.") from error
    if not timestamp.isdecimal() or abs((time.time() if now is None else now) - int(timestamp)) > _TOLERANCE_SECONDS:
        raise WebhookVerificationError("The message is too old or from the future.")
    raw = body.encode() if isinstance(body, str) else body
    signed = f"{message_id}.{timestamp}.".encode() + raw
    given = [signature[3:] for signature in signatures.split(" ") if signature.startswith("v1,")]
    for one in [secret] if isinstance(secret, str) else secret:
        try:
            key = base64.b64decode(one.removeprefix("whsec_"))
        except binascii.Error:
            continue
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(expected.encode(), signature.encode()) for signature in given):
            return json.loads(raw)
    raise WebhookVerificationError("No signature of the message is right.")


def verify_hook(
    *, headers: Mapping[str, str], body: str | bytes, secret: str | Sequence[str], now: float | None = None
) -> dict[str, Any]:
    """What the app is asked, or WebhookVerificationError: only then answer it.

    Answer JSON: ``{"decision": "allow"}`` or ``{"decision": "deny", "message": "…"}``; ``claims`` of ``token_claims``,
    ``app_metadata`` of ``before_sign_up``. Anything else counts as no answer.
    """
    question = verify_webhook(headers=headers, body=body, secret=secret, now=now)
    if question.get("type") not in _HOOKS:
        raise WebhookVerificationError("This is a webhook and no hook.")
    return question
