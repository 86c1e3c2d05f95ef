"""One HTTP exchange with retries; used by both clients."""

from __future__ import annotations

import http.client
import json
import random
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from email.utils import parsedate_to_datetime
from typing import Any, Dict, Iterator, Mapping, Optional

from .errors import PorticoConnectionError, error_for

_RETRIED = frozenset({429, 500, 502, 503, 504})
_BASE_DELAY = 0.25
_MAX_DELAY = 8.0
_MAX_BODY = 16 * 1024 * 1024


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    # urllib repeats the Authorization header at whatever host a redirect names.
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Transport:
    """``timeout`` in seconds for one try; ``max_retries`` tries after the first; a longer Retry-After than
    ``max_retry_after`` is not waited for."""

    def __init__(self, base_url: str, *, timeout: float, max_retries: int, max_retry_after: float, user_agent: str) -> None:
        parts = urllib.parse.urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("the URL must start with http:// or https://")
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._max_retries = max_retries
        self._max_retry_after = max_retry_after
        self._user_agent = user_agent
        self._opener = urllib.request.build_opener(_NoRedirects())

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Optional[Mapping[str, Any]] = None,
        query: Optional[Mapping[str, Any]] = None,
        bearer: Optional[str] = None,
        idempotency_key: Optional[str] = None,
        with_idempotency: bool = False,
        retry_lost: bool = True,
        retry_statuses: frozenset = _RETRIED,
    ) -> Any:
        """The parsed JSON answer. ``retry_lost``: whether a request without an answer may be sent again."""
        url = self.base_url + path
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        if given:
            url += "?" + urllib.parse.urlencode(given)
        headers = {"Accept": "application/json", "User-Agent": self._user_agent}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        if with_idempotency and method != "GET":
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())

        attempt = 0
        while True:
            retry_after: Optional[float] = None
            try:
                return self._once(method, url, data, headers)
            except _Refused as refused:
                failure = refused.error
                retry_after = failure.retry_after
                # The first request with this key is still running: its answer comes if one waits.
                again = refused.status in retry_statuses or failure.code == "idempotency_in_progress"
            except _Lost as lost:
                failure = PorticoConnectionError("network_error", f"{method} {url.split('?')[0]}: {lost.reason}")
                failure.__cause__ = lost.__cause__
                again = retry_lost
            if not again or attempt >= self._max_retries:
                raise failure
            if retry_after is not None and retry_after > self._max_retry_after:
                raise failure
            # Full jitter: a crowd that failed together must not come back together.
            backoff = random.uniform(0, min(_MAX_DELAY, _BASE_DELAY * 2**attempt))
            time.sleep(backoff if retry_after is None else retry_after + backoff)
            attempt += 1

    def lines(self, path: str, *, query: Optional[Mapping[str, Any]] = None, bearer: Optional[str] = None) -> Iterator[Any]:
        """One JSON value a line, while they arrive. An answer that breaks off raises: what came before was not the whole."""
        given = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        url = self.base_url + path + ("?" + urllib.parse.urlencode(given) if given else "")
        headers = {"Accept": "application/x-ndjson, application/json", "User-Agent": self._user_agent}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            with self._opener.open(urllib.request.Request(url, headers=headers), timeout=self._timeout) as answer:
                for line in answer:
                    yield json.loads(line)
        except urllib.error.HTTPError as answer:
            with answer:
                found = answer.headers
                raise error_for(answer.code, _parsed(answer.read(_MAX_BODY)), found.get("X-Request-ID"), _retry_after(found.get("Retry-After")))
        except (urllib.error.URLError, http.client.HTTPException, socket.timeout, OSError, ValueError) as error:
            raise PorticoConnectionError("network_error", f"GET {url.split('?')[0]}: {error}") from error

    def _once(self, method: str, url: str, data: Optional[bytes], headers: Dict[str, str]) -> Any:
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            try:
                with self._opener.open(request, timeout=self._timeout) as answer:
                    status, raw, found = answer.status, answer.read(_MAX_BODY), answer.headers
            except urllib.error.HTTPError as answer:
                with answer:
                    status, raw, found = answer.code, answer.read(_MAX_BODY), answer.headers
        except (urllib.error.URLError, http.client.HTTPException, socket.timeout, OSError) as error:
            raise _Lost(str(getattr(error, "reason", error)) or type(error).__name__) from error
        parsed = _parsed(raw)
        if 200 <= status < 300:
            return parsed
        raise _Refused(status, error_for(status, parsed, found.get("X-Request-ID"), _retry_after(found.get("Retry-After"))))


class _Refused(Exception):
    def __init__(self, status: int, error: Any) -> None:
        super().__init__(status)
        self.status = status
        self.error = error


class _Lost(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None


def _retry_after(value: Optional[str]) -> Optional[float]:
    """RFC 9110, section 10.2.3: seconds or a date."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def segment(value: str) -> str:
    """An id as one path segment: a caller's string must not be able to name another route."""
    if not value or value in (".", ".."):
        raise ValueError("an id must not be empty")
    return urllib.parse.quote(str(value), safe="")
