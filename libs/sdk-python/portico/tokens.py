"""Check an access token where it arrives, without a request."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import time
from typing import Any, Dict, Iterable, List, Optional

from .errors import TokenError

#: The variables that verify_token reads: what an instance says as its ``reads`` when it checks tokens with nothing else.
VERIFY_TOKEN_READS = ("AUTH_URL", "AUTH_JWT_SECRET", "AUTH_JWT_SECRET_NEXT", "AUTH_JWT_SECRET_PREVIOUS")

_PART = re.compile(r"[A-Za-z0-9_-]+\Z")
_MAX_LENGTH = 16_384
# Of ID tokens and logout tokens (OpenID Connect), never of access tokens.
_CLAIMS_OF_OTHER_KINDS = ("nonce", "at_hash", "c_hash", "s_hash", "azp", "events")


def verify_token(
    token: str,
    secret: Optional[str] = None,
    *,
    secrets: Optional[Iterable[str]] = None,
    issuer: Optional[str] = None,
    audience: Optional[str] = None,
    leeway: float = 5,
    now: Optional[float] = None,
) -> Dict[str, Any]:
    """The claims of a valid HS256 token; otherwise raises TokenError.

    Without arguments it reads what Portico injects: AUTH_JWT_SECRET with AUTH_JWT_SECRET_NEXT and
    AUTH_JWT_SECRET_PREVIOUS (so that a rotation is never noticed), and AUTH_URL as the issuer. ``leeway`` is seconds of clock difference to forgive, ``now`` is Unix
    time. A valid signature does not say that the session is still live: for dangerous actions call AppAuth.verify().
    """
    keys = _keys(secret, secrets)
    if issuer is None:
        issuer = os.environ.get("AUTH_URL", "").rstrip("/") or None
    if not isinstance(token, str) or len(token) > _MAX_LENGTH:
        raise _invalid()
    parts = token.split(".")
    if len(parts) != 3 or not all(_PART.match(part) for part in parts):
        raise _invalid()
    header, claims = _object(parts[0]), _object(parts[1])
    # RFC 8725, section 3.1: the algorithm is ours to choose, never the token's.
    if header.get("alg") == "ES256":
        raise TokenError(
            "unsupported_algorithm",
            "This project signs with ES256, which Python's standard library cannot check: "
            "call AppAuth.verify(token), or use PyJWT with the project's /.well-known/jwks.json",
        )
    if header.get("alg") != "HS256" or "crit" in header:
        raise _invalid()
    signed = f"{parts[0]}.{parts[1]}".encode("ascii")
    signature = _bytes(parts[2])
    # The key is the 64 hexadecimal characters themselves, not the bytes they stand for. Every key is tried, always.
    matches = [hmac.compare_digest(hmac.new(key.encode(), signed, hashlib.sha256).digest(), signature) for key in keys]
    if not any(matches):
        raise _invalid()
    # Another kind of token signed with the same key is not an access token. "JWT" does not say which kind it is, so the
    # claims must (RFC 8725, sections 3.11 and 3.12).
    if str(header.get("typ")).lower() not in ("jwt", "at+jwt", "application/at+jwt"):
        raise _invalid()
    if any(name in claims for name in _CLAIMS_OF_OTHER_KINDS) or not all(isinstance(claims.get(name), str) for name in ("jti", "sid")):
        raise _invalid()
    moment = time.time() if now is None else now
    expires, issued, starts = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_number(expires) and _number(issued) and _number(starts)):
        raise _invalid()
    if expires + leeway <= moment:
        raise TokenError("token_expired", "The token has expired.", status=401)
    if max(issued, starts) - leeway > moment or not isinstance(claims.get("sub"), str):
        raise _invalid()
    if issuer is not None and claims.get("iss") != issuer:
        raise _invalid()
    if audience is not None and audience not in _audiences(claims.get("aud")):
        raise _invalid()
    return claims


def _keys(secret: Optional[str], secrets: Optional[Iterable[str]]) -> List[str]:
    if isinstance(secrets, str):
        raise TypeError("secrets is a list; use secret for a single one")
    keys = [secret] if secret is not None else list(secrets) if secrets is not None else [
        os.environ.get(name, "") for name in ("AUTH_JWT_SECRET", "AUTH_JWT_SECRET_NEXT", "AUTH_JWT_SECRET_PREVIOUS")
    ]
    keys = [key for key in keys if key]
    # An empty key is no secret.
    if not keys or secret == "":
        raise ValueError("no secret: pass secret or secrets, or set AUTH_JWT_SECRET")
    return keys


def _audiences(value: Any) -> List[Any]:
    return value if isinstance(value, list) else [value]


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _object(part: str) -> Dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(value, dict):
        raise _invalid()
    return value


def _bytes(part: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (ValueError, binascii.Error):
        raise _invalid() from None
    # Unused low bits of the last character would give one token several spellings.
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise _invalid()
    return raw


def _invalid() -> TokenError:
    return TokenError("invalid_token", "The token is not valid.", status=401)
