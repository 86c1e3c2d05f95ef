"""The companies among the end users of a project: for operators (`Portico`), and for the people in them (`AppAuth`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence

from .transport import segment

if TYPE_CHECKING:
    from .app_auth import AppAuth
    from .platform import Page, Portico

Json = Dict[str, Any]


class Organizations:
    """``portico.organizations``."""

    def __init__(self, client: Portico) -> None:
        self._client = client

    def list(self, project_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None, **filters: Any) -> Page:
        """``filters``: search, a part of the name, the beginning of the slug or a proven mail domain."""
        return self._client._page(self._path(project_id), {**filters, "limit": limit, "cursor": cursor})

    def create(self, project_id: str, name: str, *, idempotency_key: Optional[str] = None, **fields: Any) -> Json:
        """``fields``: slug, logo_url, metadata, and admin_id, who becomes its first admin."""
        return self._client._call("POST", self._path(project_id), {"name": name, **fields}, idempotency_key=idempotency_key)["data"]

    def get(self, project_id: str, organization_id: str) -> Json:
        return self._client._call("GET", self._path(project_id, organization_id))["data"]

    def update(self, project_id: str, organization_id: str, **changes: Any) -> Json:
        return self._client._call("PATCH", self._path(project_id, organization_id), changes)["data"]

    def delete(self, project_id: str, organization_id: str) -> Json:
        """Its people stay."""
        return self._client._call("DELETE", self._path(project_id, organization_id))["data"]

    def transfer(self, project_id: str, organization_id: str, user_id: str) -> Json:
        """Makes somebody its only admin."""
        return self._client._call("POST", self._path(project_id, organization_id, "transfer"), {"user_id": user_id})["data"]

    def members(self, project_id: str, organization_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None) -> Page:
        return self._client._page(self._path(project_id, organization_id, "members"), {"limit": limit, "cursor": cursor})

    def add_member(self, project_id: str, organization_id: str, user_id: str, role: str = "member") -> Json:
        body = {"user_id": user_id, "role": role}
        return self._client._call("POST", self._path(project_id, organization_id, "members"), body)["data"]

    def set_role(self, project_id: str, organization_id: str, user_id: str, role: str) -> Json:
        """``last_admin`` for the only admin that is left."""
        return self._client._call("PATCH", self._path(project_id, organization_id, "members", user_id), {"role": role})["data"]

    def remove_member(self, project_id: str, organization_id: str, user_id: str) -> Json:
        return self._client._call("DELETE", self._path(project_id, organization_id, "members", user_id))["data"]

    def invite(self, project_id: str, organization_id: str, email: str, role: str = "member", **fields: Any) -> Json:
        body = {"email": email, "role": role, **fields}
        return self._client._call("POST", self._path(project_id, organization_id, "invitations"), body)["data"]

    def invitations(self, project_id: str, organization_id: str) -> List[Json]:
        return self._client._call("GET", self._path(project_id, organization_id, "invitations"))["data"]

    def revoke(self, project_id: str, organization_id: str, invitation_id: str) -> Json:
        return self._client._call("DELETE", self._path(project_id, organization_id, "invitations", invitation_id))["data"]

    def roles(self, project_id: str, organization_id: Optional[str] = None) -> List[Json]:
        """Those of the project, or those that count in one organization."""
        return self._client._call("GET", self._roles(project_id), query={"organization_id": organization_id})["data"]

    def set_role_definition(
        self, project_id: str, key: str, name: str, permissions: Sequence[str], organization_id: Optional[str] = None
    ) -> Json:
        body = {"name": name, "permissions": [*permissions]}
        return self._client._call("PUT", f"{self._roles(project_id)}/{segment(key)}", body, query={"organization_id": organization_id})["data"]

    def remove_role_definition(self, project_id: str, key: str, organization_id: Optional[str] = None) -> Json:
        path = f"{self._roles(project_id)}/{segment(key)}"
        return self._client._call("DELETE", path, query={"organization_id": organization_id})["data"]

    @staticmethod
    def _path(project_id: str, *rest: str) -> str:
        return "/".join([f"/projects/{segment(project_id)}/organizations", *map(segment, rest)])

    @staticmethod
    def _roles(project_id: str) -> str:
        return f"/projects/{segment(project_id)}/organization-roles"


class Directories:
    """``portico.directories``: identity providers that keep people in step by SCIM 2.0."""

    def __init__(self, client: Portico) -> None:
        self._client = client

    def list(self, project_id: str, organization_id: Optional[str] = None) -> List[Json]:
        return self._client._call("GET", self._path(project_id), query={"organization_id": organization_id})["data"]

    def create(self, project_id: str, name: str, *, idempotency_key: Optional[str] = None, **fields: Any) -> Json:
        """The answer's ``scim_url`` goes into the identity provider. ``fields``: organization_id, group_roles, fallback_role, custom_schema."""
        return self._client._call("POST", self._path(project_id), {"name": name, **fields}, idempotency_key=idempotency_key)["data"]

    def get(self, project_id: str, directory_id: str) -> Json:
        return self._client._call("GET", self._path(project_id, directory_id))["data"]

    def update(self, project_id: str, directory_id: str, **changes: Any) -> Json:
        return self._client._call("PATCH", self._path(project_id, directory_id), changes)["data"]

    def delete(self, project_id: str, directory_id: str) -> Json:
        """Its people stay as they are."""
        return self._client._call("DELETE", self._path(project_id, directory_id))["data"]

    def tokens(self, project_id: str, directory_id: str) -> List[Json]:
        return self._client._call("GET", self._path(project_id, directory_id, "tokens"))["data"]

    def create_token(self, project_id: str, directory_id: str, *, expires_at: Optional[str] = None) -> Json:
        """``token`` is in this answer and never again; two may live at once."""
        body = {} if expires_at is None else {"expires_at": expires_at}
        return self._client._call("POST", self._path(project_id, directory_id, "tokens"), body)["data"]

    def remove_token(self, project_id: str, directory_id: str, token_id: str) -> Json:
        return self._client._call("DELETE", self._path(project_id, directory_id, "tokens", token_id))["data"]

    def log(self, project_id: str, directory_id: str, *, limit: Optional[int] = None, cursor: Optional[str] = None, **filters: Any) -> Page:
        """What the identity provider asked to change in the last 30 days. ``filters``: refused."""
        return self._client._page(self._path(project_id, directory_id, "log"), {**filters, "limit": limit, "cursor": cursor})

    @staticmethod
    def _path(project_id: str, *rest: str) -> str:
        return "/".join([f"/projects/{segment(project_id)}/directories", *map(segment, rest)])


class OwnOrganizations:
    """``auth.organizations``: those of the person who is signed in."""

    def __init__(self, auth: AppAuth) -> None:
        self._auth = auth

    def list(self) -> List[Json]:
        """With the role there."""
        return self._auth._signed_in("GET", "/organizations")["data"]

    def create(self, name: str, **fields: Any) -> Json:
        """Only where the project lets people make their own; who makes one is its first admin."""
        return self._auth._signed_in("POST", "/organizations", {"name": name, **fields})

    def get(self, organization_id: str) -> Json:
        return self._auth._signed_in("GET", self._path(organization_id))

    def update(self, organization_id: str, **changes: Any) -> Json:
        return self._auth._signed_in("PATCH", self._path(organization_id), changes)

    def delete(self, organization_id: str) -> None:
        self._auth._signed_in("DELETE", self._path(organization_id))

    def activate(self, organization_id: Optional[str]) -> Json:
        """From now on tokens carry org_id, org_slug, org_role and permissions; None works for none."""
        path = "/organizations/deactivate" if organization_id is None else self._path(organization_id, "activate")
        answer = self._auth._signed_in("POST", path)
        # The refresh token stays the one that it was.
        session = {**(self._auth.session or {}), **answer}
        self._auth._keep(session)
        return session

    def leave(self, organization_id: str) -> None:
        """``last_admin`` for the only admin that is left."""
        self._auth._signed_in("POST", self._path(organization_id, "leave"))

    def members(self, organization_id: str) -> List[Json]:
        """All of them, read page by page."""
        found: List[Json] = []
        cursor: Optional[str] = ""
        while cursor is not None:
            page = self._auth._signed_in("GET", f"{self._path(organization_id, 'members')}?limit=100{cursor and f'&cursor={segment(cursor)}'}")
            found.extend(page["data"])
            cursor = page["next_cursor"]
        return found

    def set_role(self, organization_id: str, user_id: str, role: str) -> Json:
        return self._auth._signed_in("PATCH", self._path(organization_id, "members", user_id), {"role": role})

    def remove(self, organization_id: str, user_id: str) -> None:
        self._auth._signed_in("DELETE", self._path(organization_id, "members", user_id))

    def roles(self, organization_id: str) -> List[Json]:
        return self._auth._signed_in("GET", self._path(organization_id, "roles"))["data"]

    def set_role_definition(self, organization_id: str, key: str, name: str, permissions: Sequence[str]) -> Json:
        """Of this organization alone: for its admins, where the project lets them (``organization_roles``)."""
        body = {"key": key, "name": name, "permissions": [*permissions]}
        return self._auth._signed_in("POST", self._path(organization_id, "roles"), body)

    def remove_role_definition(self, organization_id: str, key: str) -> None:
        self._auth._signed_in("DELETE", self._path(organization_id, "roles", key))

    def invite(self, organization_id: str, email: str, role: str = "member", **fields: Any) -> Json:
        return self._auth._signed_in("POST", self._path(organization_id, "invitations"), {"email": email, "role": role, **fields})

    def invitations(self, organization_id: str) -> List[Json]:
        return self._auth._signed_in("GET", self._path(organization_id, "invitations"))["data"]

    def revoke(self, organization_id: str, invitation_id: str) -> None:
        self._auth._signed_in("DELETE", self._path(organization_id, "invitations", invitation_id))

    def own_invitations(self) -> List[Json]:
        """What waits for the person; only once their address is confirmed."""
        return self._auth._signed_in("GET", "/organizations/invitations")["data"]

    def accept(self, invitation_id: str) -> Json:
        return self._auth._signed_in("POST", self._path("invitations", invitation_id, "accept"))

    def decline(self, invitation_id: str) -> None:
        self._auth._signed_in("POST", self._path("invitations", invitation_id, "decline"))

    @staticmethod
    def _path(*rest: str) -> str:
        return "/".join(["/organizations", *map(segment, rest)])
