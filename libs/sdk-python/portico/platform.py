"""The control plane: projects, their auth service, environments, instances and users."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from .organizations import Directories, Organizations
from .transport import Transport, segment

Json = Dict[str, Any]


class Page:
    """One page of a list; iterating goes on through the pages after it."""

    def __init__(self, data: List[Json], next_cursor: Optional[str], total: Optional[int], fetch: Any) -> None:
        self.data = data
        self.next_cursor = next_cursor
        self.total = total
        self._fetch = fetch

    def next_page(self) -> Optional["Page"]:
        return self._fetch(self.next_cursor) if self.next_cursor else None

    def __iter__(self) -> Iterator[Json]:
        page: Optional[Page] = self
        while page is not None:
            yield from page.data
            page = page.next_page()


class Portico:
    """Platform client. ``api_key`` defaults to PORTICO_API_KEY, ``base_url`` to PORTICO_URL.

    Answers are dicts with the names of the HTTP API. Every change carries an idempotency key, so that a retry after a
    lost answer changes nothing twice; pass ``idempotency_key`` to keep it across processes.
    """

    def __init__(
        self,
        api_key: Optional[str] = None,
        base_url: Optional[str] = None,
        *,
        timeout: float = 30.0,
        max_retries: int = 3,
        max_retry_after: float = 60.0,
    ) -> None:
        api_key = api_key or os.environ.get("PORTICO_API_KEY")
        base_url = base_url or os.environ.get("PORTICO_URL") or "http://127.0.0.1:4000"
        if not api_key:
            raise ValueError("no API key: pass api_key, or set PORTICO_API_KEY")
        self._api_key = api_key
        self._http = Transport(
            base_url, timeout=timeout, max_retries=max_retries, max_retry_after=max_retry_after, user_agent="portico-python/0.1.0"
        )
        self.projects = Projects(self)
        self.runtime_env = RuntimeEnv(self)
        self.instances = Instances(self)
        self.users = Users(self)
        self.organizations = Organizations(self)
        self.directories = Directories(self)
        self.api_keys = ApiKeys(self)
        self.audit_log = AuditLog(self)

    def __repr__(self) -> str:
        return f"Portico(base_url={self._http.base_url!r})"

    def _call(
        self,
        method: str,
        path: str,
        body: Optional[Mapping[str, Any]] = None,
        query: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
    ) -> Json:
        return self._http.request(
            method,
            f"/api/v1{path}",
            body=body,
            query=query,
            bearer=self._api_key,
            idempotency_key=idempotency_key,
            with_idempotency=True,
        )

    def _page(self, path: str, query: Mapping[str, Any]) -> Page:
        def fetch(cursor: Optional[str]) -> Page:
            answer = self._call("GET", path, query={**query, "cursor": cursor})
            page = answer.get("page") or {}
            return Page(answer["data"], page.get("next_cursor"), page.get("total"), fetch)

        return fetch(query.get("cursor"))


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}


class _Part:
    def __init__(self, client: Portico) -> None:
        self._client = client


class Projects(_Part):
    def __init__(self, client: Portico) -> None:
        super().__init__(client)
        self.auth = ProjectAuth(client)

    def create(
        self,
        name: str,
        *,
        slug: Optional[str] = None,
        external_project_id: Optional[str] = None,
        metadata: Optional[Mapping[str, Any]] = None,
        idempotency_key: Optional[str] = None,
    ) -> Json:
        body = _given(name=name, slug=slug, external_project_id=external_project_id, metadata=metadata)
        return self._client._call("POST", "/projects", body, idempotency_key=idempotency_key)["data"]

    def list(self, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Page:
        return self._client._page("/projects", {"limit": limit, "cursor": cursor})

    def get(self, project_id: str) -> Json:
        return self._client._call("GET", f"/projects/{segment(project_id)}")["data"]

    def update(self, project_id: str, **changes: Any) -> Json:
        return self._client._call("PATCH", f"/projects/{segment(project_id)}", changes)["data"]

    def delete(self, project_id: str) -> Json:
        """Archived for 30 days, then purged."""
        return self._client._call("DELETE", f"/projects/{segment(project_id)}")["data"]


class ProjectAuth(_Part):
    def enable(self, project_id: str, *, idempotency_key: Optional[str] = None, **settings: Any) -> Json:
        """``settings`` are those of the HTTP API: allow_signups, providers, require_email_confirmation …"""
        return self._client._call("POST", self._path(project_id), settings, idempotency_key=idempotency_key)["data"]

    def get(self, project_id: str) -> Json:
        return self._client._call("GET", self._path(project_id))["data"]

    def update(self, project_id: str, **settings: Any) -> Json:
        """Merges; None restores a default. ``force=True`` goes ahead where the change takes somebody's last way in
        (``passkeys_stranded``, ``users_stranded``)."""
        return self._client._call("PATCH", self._path(project_id), settings)["data"]

    def preview(self, project_id: str, **settings: Any) -> Json:
        """What ``update`` would do to people, sessions and instances that are there. Nothing is changed."""
        return self._client._call("PATCH", self._path(project_id), settings, query={"dry_run": True})["data"]

    def disable(self, project_id: str) -> Json:
        """Users and secret are kept; the next boot gets no auth variables."""
        return self._client._call("DELETE", self._path(project_id))["data"]

    def rotate_secret(self, project_id: str, mode: Optional[str] = None, *, idempotency_key: Optional[str] = None) -> Json:
        """The rotation plan. ``mode="immediate"`` ends every token at once: for a secret that leaked."""
        return self._client._call(
            "POST", f"{self._path(project_id)}/secret/rotate", _given(mode=mode), idempotency_key=idempotency_key
        )["data"]

    def rotation(self, project_id: str) -> Json:
        """``{"rotation": plan}``, or None in it when none is under way."""
        return self._client._call("GET", f"{self._path(project_id)}/secret/rotation")["data"]

    def switch_rotation(self, project_id: str) -> Json:
        """Ends the waiting of a rotation. Restart the instances in ``restart_after_switch`` right after."""
        return self._client._call("POST", f"{self._path(project_id)}/secret/rotation/switch")["data"]

    def providers(self, project_id: str) -> List[Json]:
        """Clients at Google, GitHub and the like, with the redirect URI to register there. Secrets are never answered."""
        return self._client._call("GET", f"{self._path(project_id)}/providers")["data"]

    def set_provider(self, project_id: str, provider: str, client_id: str, client_secret: Optional[str] = None, **details: Any) -> Json:
        """Without ``client_secret`` the stored one stays. ``details``: issuer, base_url, tenant, team_id, key_id,
        scopes, token_endpoint_auth_method, expected_issuer, discovery_url, id_token_signed_response_alg, require_nonce."""
        body = _given(client_id=client_id, client_secret=client_secret, **details)
        return self._client._call("PUT", f"{self._path(project_id)}/providers/{segment(provider)}", body)["data"]

    def remove_provider(self, project_id: str, provider: str, *, force: bool = False) -> Json:
        """``users_stranded`` when it is people's only way in, unless ``force``."""
        query = {"force": True} if force else None
        return self._client._call("DELETE", f"{self._path(project_id)}/providers/{segment(provider)}", query=query)["data"]

    def test_provider(self, project_id: str, provider: str) -> Json:
        """Asks the provider whether it knows this client; ``provider_test_failed`` names the field that is wrong."""
        return self._client._call("POST", f"{self._path(project_id)}/providers/{segment(provider)}/test")["data"]

    @staticmethod
    def _path(project_id: str) -> str:
        return f"/projects/{segment(project_id)}/auth"


class RuntimeEnv(_Part):
    def get(self, project_id: str) -> Json:
        """``{"env": {NAME: value}, "env_version": n}``: what an instance booted now would get. Holds the secret."""
        return self._client._call("GET", f"/projects/{segment(project_id)}/runtime-env", query={"format": "json"})["data"]

    def set(self, project_id: str, name: str, value: str) -> Json:
        path = f"/projects/{segment(project_id)}/runtime-env/{segment(name)}"
        return self._client._call("PUT", path, {"value": value})["data"]

    def set_all(self, project_id: str, variables: Mapping[str, Optional[str]]) -> Json:
        """All in one step; None removes one. AUTH_URL and AUTH_JWT_SECRET of your own must change together."""
        return self._client._call("PUT", f"/projects/{segment(project_id)}/runtime-env", {"variables": dict(variables)})["data"]

    def unset(self, project_id: str, name: str) -> Json:
        return self._client._call("DELETE", f"/projects/{segment(project_id)}/runtime-env/{segment(name)}")["data"]

    def list(self, project_id: str) -> List[Json]:
        """Names and where they come from; never values."""
        return self._client._call("GET", f"/projects/{segment(project_id)}/runtime-env/variables")["data"]


class Instances(_Part):
    def boot(self, project_id: str, *, idempotency_key: Optional[str] = None, **details: Any) -> Json:
        """Registers a runtime instance; the answer's ``env`` is what to start the app with. ``details``: name, metadata, and
        ``reads``, the variables it reads (VERIFY_TOKEN_READS for verify_token)."""
        return self._client._call("POST", self._path(project_id), details, idempotency_key=idempotency_key)["data"]

    def heartbeat(self, project_id: str, instance_id: str, *, reads: Optional[Sequence[str]] = None) -> Json:
        body = None if reads is None else {"reads": list(reads)}
        return self._client._call("POST", f"{self._path(project_id)}/{segment(instance_id)}/heartbeat", body)["data"]

    def list(self, project_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Page:
        return self._client._page(self._path(project_id), {"limit": limit, "cursor": cursor})

    def remove(self, project_id: str, instance_id: str) -> Json:
        return self._client._call("DELETE", f"{self._path(project_id)}/{segment(instance_id)}")["data"]

    @staticmethod
    def _path(project_id: str) -> str:
        return f"/projects/{segment(project_id)}/instances"


class Users(_Part):
    """End users of one project."""

    def list(self, project_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None, **filters: Any) -> Page:
        """``filters``: search, id, email, domain, provider, state, created_since, created_until, last_sign_in_since,
        last_sign_in_until, sort. A page that few of very many people match may be short and not be the last one."""
        return self._client._page(self._path(project_id), {**filters, "limit": limit, "cursor": cursor})

    def export(self, project_id: str, **filters: Any) -> Iterator[Json]:
        """Everybody who meets the filters of ``list``, oldest first, read while they arrive."""
        return self._client._http.lines(f"/api/v1{self._path(project_id)}/export", query=filters, bearer=self._client._api_key)

    def bulk(self, project_id: str, action: str, ids: Sequence[str], *, idempotency_key: Optional[str] = None) -> Json:
        """disable, enable, delete, end_sessions, send_recovery or evict up to 100 users. Some may fail while others succeed:
        look at ``failed`` and at each of ``results``."""
        body = {"action": action, "ids": list(ids)}
        return self._client._call("POST", self._path(project_id) + "/bulk", body, idempotency_key=idempotency_key)["data"]

    def create(self, project_id: str, email: str, *, idempotency_key: Optional[str] = None, **fields: Any) -> Json:
        body = {"email": email, **fields}
        return self._client._call("POST", self._path(project_id), body, idempotency_key=idempotency_key)["data"]

    def invite(self, project_id: str, email: str, *, idempotency_key: Optional[str] = None, **fields: Any) -> Json:
        """Makes an account and mails its owner a link to come in by. ``fields``: metadata, redirect_to."""
        body = {"email": email, **fields}
        return self._client._call("POST", self._path(project_id) + "/invite", body, idempotency_key=idempotency_key)["data"]

    def get(self, project_id: str, user_id: str) -> Json:
        return self._client._call("GET", self._path(project_id, user_id))["data"]

    def update(self, project_id: str, user_id: str, **changes: Any) -> Json:
        return self._client._call("PATCH", self._path(project_id, user_id), changes)["data"]

    def delete(self, project_id: str, user_id: str) -> Json:
        return self._client._call("DELETE", self._path(project_id, user_id))["data"]

    def disable(self, project_id: str, user_id: str) -> Json:
        return self._client._call("POST", self._path(project_id, user_id) + "/disable")["data"]

    def enable(self, project_id: str, user_id: str) -> Json:
        return self._client._call("POST", self._path(project_id, user_id) + "/enable")["data"]

    def sessions(self, project_id: str, user_id: str) -> List[Json]:
        """Where the user is signed in: device, address, last use."""
        return self._client._call("GET", self._path(project_id, user_id) + "/sessions")["data"]

    def end_session(self, project_id: str, user_id: str, session_id: str) -> Json:
        return self._client._call("DELETE", f"{self._path(project_id, user_id)}/sessions/{segment(session_id)}")["data"]

    def passkeys(self, project_id: str, user_id: str) -> List[Json]:
        """Name, last use and where each was registered."""
        return self._client._call("GET", self._path(project_id, user_id) + "/passkeys")["data"]

    def end_sessions(self, project_id: str, user_id: str) -> Json:
        return self._client._call("DELETE", self._path(project_id, user_id) + "/sessions")["data"]

    def recover(self, project_id: str, user_id: str) -> Json:
        """Sends a one-time recovery mail."""
        return self._client._call("POST", self._path(project_id, user_id) + "/recovery")["data"]

    def reset_factors(self, project_id: str, user_id: str) -> Json:
        """Removes every second factor, recovery code and passkey, and ends every session."""
        return self._client._call("DELETE", self._path(project_id, user_id) + "/factors")["data"]

    def evict(self, project_id: str, user_id: str, *, recovery: bool = True) -> Json:
        """Somebody else is in: removes whatever opens the account and mails the owner the way back. Answers what went, by kind."""
        return self._client._call("POST", self._path(project_id, user_id) + "/evict", {"recovery": recovery})["data"]

    def identities(self, project_id: str, user_id: str) -> List[Json]:
        """The accounts of providers that open the user's account."""
        return self._client._call("GET", self._path(project_id, user_id) + "/identities")["data"]

    def unlink_identity(self, project_id: str, user_id: str, provider: str, subject: Optional[str] = None) -> Json:
        """Disconnects one and ends every session; ``subject`` says which when there are several of one provider."""
        which = segment(provider) if subject is None else f"{segment(provider)}/{segment(subject)}"
        return self._client._call("DELETE", f"{self._path(project_id, user_id)}/identities/{which}")["data"]

    @staticmethod
    def _path(project_id: str, user_id: Optional[str] = None) -> str:
        base = f"/projects/{segment(project_id)}/users"
        return base if user_id is None else f"{base}/{segment(user_id)}"


class ApiKeys(_Part):
    def create(self, name: str, scopes: List[str], *, expires_at: Optional[str] = None, idempotency_key: Optional[str] = None) -> Json:
        """``key`` is in this answer and never again."""
        body = _given(name=name, scopes=scopes, expires_at=expires_at)
        return self._client._call("POST", "/api-keys", body, idempotency_key=idempotency_key)["data"]

    def list(self, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Page:
        return self._client._page("/api-keys", {"limit": limit, "cursor": cursor})

    def revoke(self, key_id: str) -> Json:
        return self._client._call("DELETE", f"/api-keys/{segment(key_id)}")["data"]


class AuditLog(_Part):
    def list(self, project_id: Optional[str] = None, *, limit: Optional[int] = None, cursor: Optional[str] = None, **filters: Any) -> Page:
        """``filters``: actor_id, action, since, until, and of a project user_id: what one person did and what was done to them."""
        path = "/audit-log" if project_id is None else f"/projects/{segment(project_id)}/audit-log"
        return self._client._page(path, {**filters, "limit": limit, "cursor": cursor})
