"""One exception per kind of refusal; ``code`` is the stable name from the error catalogue."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type


class PorticoError(Exception):
    """A request that was refused or could not be made.

    ``status`` is None when there was no answer; ``retry_after`` is in seconds; quote ``request_id`` in a report.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: Optional[int] = None,
        request_id: Optional[str] = None,
        details: Optional[List[Dict[str, Any]]] = None,
        retry_after: Optional[float] = None,
    ) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.details = details or []
        self.retry_after = retry_after


class AuthenticationError(PorticoError):
    """401: no valid API key, wrong password, or a session or token that is over."""


class PermissionDeniedError(PorticoError):
    """403: known, but not allowed."""


class NotFoundError(PorticoError):
    """404: no such thing, or it belongs to somebody else."""


class ConflictError(PorticoError):
    """409."""


class ValidationError(PorticoError):
    """400 and 422: ``details`` lists the fields."""


class RateLimitError(PorticoError):
    """429: wait ``retry_after`` seconds."""


class ServerError(PorticoError):
    """5xx, after the retries."""


class PorticoConnectionError(PorticoError):
    """No answer: the network failed or the time limit passed."""


class TokenError(PorticoError):
    """``verify_token`` refused the token, or cannot check this kind of token."""


_BY_STATUS: Dict[int, Type[PorticoError]] = {
    400: ValidationError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: ValidationError,
    429: RateLimitError,
}


def error_for(
    status: int, body: Any, request_id: Optional[str], retry_after: Optional[float]
) -> PorticoError:
    problem = body.get("error") if isinstance(body, dict) else None
    if isinstance(problem, dict):
        code, message = str(problem.get("code", "unexpected_answer")), str(problem.get("message", ""))
        details, request_id = problem.get("details"), problem.get("request_id") or request_id
    elif isinstance(problem, str):
        # RFC 6749, section 5.2: the OAuth endpoints.
        code, message, details = problem, str(body.get("error_description", "")), None
    else:
        code, message, details = "unexpected_answer", f"The server answered {status} without an explanation.", None
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else PorticoError)
    return kind(code, message, status=status, request_id=request_id, details=details, retry_after=retry_after)
