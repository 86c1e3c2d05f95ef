"""Portico, managed auth for platforms that build apps.

``Portico`` talks to the control plane with an API key, ``AppAuth`` to one project's auth service on behalf of an end
user, ``verify_token`` checks an access token without a request. Standard library only.
"""

from .app_auth import AppAuth
from .errors import (
    AuthenticationError,
    ConflictError,
    NotFoundError,
    PermissionDeniedError,
    PorticoConnectionError,
    PorticoError,
    RateLimitError,
    ServerError,
    TokenError,
    ValidationError,
)
from .platform import Page, Portico
from .tokens import VERIFY_TOKEN_READS, verify_token
from .webhooks import WebhookVerificationError, verify_hook, verify_webhook

__version__ = "0.1.0"

__all__ = [
    "AppAuth",
    "AuthenticationError",
    "ConflictError",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "Portico",
    "PorticoConnectionError",
    "PorticoError",
    "RateLimitError",
    "ServerError",
    "TokenError",
    "ValidationError",
    "VERIFY_TOKEN_READS",
    "WebhookVerificationError",
    "verify_hook",
    "verify_token",
    "verify_webhook",
]
