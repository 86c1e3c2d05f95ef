"""One project's auth service, on behalf of one end user."""

from __future__ import annotations

import os
import threading
from typing import Any, Callable, Dict, List, Mapping, Optional

from .errors import AuthenticationError
from .organizations import OwnOrganizations
from .transport import Transport, segment

Json = Dict[str, Any]

# A 503 is a clean refusal: nothing was done, and it is safe to ask again. A 429 is a person's limit: waiting it out
# in the background would only hide it.
_RETRIED = frozenset({502, 503, 504})


class AppAuth:
    """End-user client. ``url`` is the project's AUTH_URL (default: the environment variable of that name).

    Holds the session of one user in memory; ``on_session`` is told of every change (a dict, or None when it is over)
    so that the app can keep it. Safe to share between threads: parallel refreshes become one request.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        *,
        session: Optional[Json] = None,
        on_session: Optional[Callable[[Optional[Json]], None]] = None,
        timeout: float = 10.0,
        max_retries: int = 2,
        max_retry_after: float = 10.0,
    ) -> None:
        url = url or os.environ.get("AUTH_URL")
        if not url:
            raise ValueError("no URL: pass the project's AUTH_URL, or set the environment variable")
        self._http = Transport(
            url, timeout=timeout, max_retries=max_retries, max_retry_after=max_retry_after, user_agent="portico-python/0.1.0"
        )
        self._session = session
        self._on_session = on_session
        self._refreshing = threading.Lock()
        self.organizations = OwnOrganizations(self)

    @property
    def session(self) -> Optional[Json]:
        """The last session answer, as the wire has it: access_token, refresh_token, expires_at, user …"""
        return self._session

    def sign_up(self, email: str, password: str, metadata: Optional[Mapping[str, Any]] = None) -> Json:
        """A session, or ``{"ok": True, "confirmation_required": True}`` when the address must be confirmed first."""
        body: Json = {"email": email, "password": password}
        if metadata is not None:
            body["metadata"] = dict(metadata)
        answer = self._post("/signup", body)
        if "access_token" in answer:
            self._keep(answer)
        return answer

    def log_in(self, email: str, password: str) -> Json:
        """A session; or ``mfa_required``, with ``mfa_token`` for ``verify_second_factor``; or ``mfa_enrolment_required``."""
        return self._sign_in("/login", {"email": email, "password": password})

    def verify_second_factor(self, mfa_token: str, code: str) -> Json:
        """The code of an authenticator app, or a recovery code. A wrong one leaves the token good."""
        return self._sign_in("/mfa/verify", {"mfa_token": mfa_token, "code": code})

    def send_email_code(self, email: str, **options: Any) -> Json:
        """Mails six digits. The answer is the same whether or not the address has an account."""
        return self._post("/email/start", {"email": email, **options})

    def verify_email_code(self, email: str, code: str) -> Json:
        return self._sign_in("/email/verify", {"email": email, "code": code})

    def send_magic_link(self, email: str, **options: Any) -> Json:
        """Mails a link to ``redirect_to``, or to the project's site, with the token for ``confirm_magic_link``."""
        return self._post("/magic-link", {"email": email, **options})

    def confirm_magic_link(self, token: str) -> Json:
        return self._sign_in("/magic-link/confirm", {"token": token})

    def accept_invitation(self, token: str, password: str) -> Json:
        return self._sign_in("/invitation/accept", {"token": token, "password": password})

    def log_out(self, scope: str = "local") -> None:
        """Ends this session; ``scope`` may be "global" (every session) or "others" (all but this one)."""
        token = self._access_token()
        query = None if scope == "local" else {"scope": scope}
        try:
            self._http.request("POST", "/logout", query=query, bearer=token, body={}, retry_statuses=_RETRIED)
        except AuthenticationError:
            pass  # It was over already.
        if scope != "others":
            self._keep(None)

    def refresh(self) -> Json:
        """A new access token. The session is dropped only when the server says that it is over."""
        return self._refresh_unless_newer(self._session)

    def get_user(self) -> Json:
        return self._signed_in("GET", "/user")["user"]

    def update_user(self, metadata: Mapping[str, Any]) -> Json:
        answer = self._signed_in("PATCH", "/user", {"metadata": dict(metadata)})
        return answer.get("user", answer)

    def delete_user(self, password: str) -> None:
        self._signed_in("DELETE", "/user", {"password": password})
        self._keep(None)

    def change_password(self, current_password: str, password: str) -> Json:
        return self._signed_in("POST", "/password", {"current_password": current_password, "password": password})

    def change_email(self, email: str, password: str) -> Json:
        return self._signed_in("POST", "/email/change", {"email": email, "password": password})

    def verify(self, token: Optional[str] = None) -> Json:
        """The claims, checked by the server: also that the session and the user are still live."""
        token = token or self._access_token()
        return self._post("/verify", {"token": token}, retry_lost=True)["claims"]

    def reset_password(self, email: str) -> Json:
        """Asks for a reset mail. The answer is the same whether or not the address has an account."""
        return self._post("/password-reset", {"email": email})

    def confirm_password_reset(self, token: str, password: str) -> Json:
        return self._post("/password-reset/confirm", {"token": token, "password": password})

    def confirm_email(self, token: str, password: Optional[str] = None) -> Json:
        """With the token of the mailed link. The session, or the ``password``, shows that what is on the account is the caller's; without either the
        first proof of the address removes it, and a change of address is refused."""
        body = {"token": token} if password is None else {"token": token, "password": password}
        if self.session is None:
            return self._post("/email/confirm", body)
        return self._signed_in("POST", "/email/confirm", body)

    def resend_confirmation(self, email: str) -> Json:
        return self._post("/email/resend", {"email": email})

    def list_sessions(self) -> List[Json]:
        return self._signed_in("GET", "/sessions")["data"]

    def end_session(self, session_id: str) -> None:
        self._signed_in("DELETE", f"/sessions/{segment(session_id)}")

    def settings(self) -> Json:
        """What a login page may know: the methods that are on, and the branding."""
        return self._http.request("GET", "/settings", retry_statuses=_RETRIED)

    def _sign_in(self, path: str, body: Json) -> Json:
        answer = self._post(path, body)
        if "access_token" in answer:
            self._keep(answer)
        return answer

    def _post(self, path: str, body: Json, retry_lost: bool = False) -> Json:
        return self._http.request("POST", path, body=body, retry_lost=retry_lost, retry_statuses=_RETRIED)

    def _signed_in(self, method: str, path: str, body: Optional[Json] = None) -> Json:
        """Refreshes once when the access token is no longer taken."""
        before = self._session
        token = self._access_token()

        def send(bearer: str) -> Json:
            return self._http.request(
                method, path, body=body, bearer=bearer, retry_lost=method == "GET", retry_statuses=_RETRIED
            )

        try:
            return send(token)
        except AuthenticationError as error:
            if error.code == "invalid_credentials" or not before or not before.get("refresh_token"):
                raise
            return send(self._refresh_unless_newer(before)["access_token"])

    def _refresh_unless_newer(self, known: Optional[Json]) -> Json:
        with self._refreshing:
            current = self._session
            if current is not None and current is not known:
                return current
            if not current or not current.get("refresh_token"):
                raise AuthenticationError("session_ended", "There is no session to refresh. Log in again.", status=401)
            try:
                # Sending it again is safe: within the grace time every caller gets the same child.
                answer = self._post("/refresh", {"refresh_token": current["refresh_token"]}, retry_lost=True)
            except AuthenticationError:
                self._keep(None)
                raise
            self._keep(answer)
            return answer

    def _access_token(self) -> str:
        if not self._session:
            raise AuthenticationError("unauthenticated", "No user is logged in.", status=401)
        return self._session["access_token"]

    def _keep(self, session: Optional[Json]) -> None:
        self._session = session
        if self._on_session:
            self._on_session(session)
