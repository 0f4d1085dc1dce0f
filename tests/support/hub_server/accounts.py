"""Users, organisations and tokens of the Hub, and who may write where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

TokenRole = Literal["write", "read"]


@dataclass(frozen=True)
class Identity:
    """The bearer of a token."""

    user: str
    role: TokenRole


class Accounts:
    """Users, organisations and tokens.

    Every user has two tokens: the one given (it may write), and the same followed by `_read` (it may only
    read). `orgs` maps an organisation to its members and their role in it: "admin", "write" or "read".
    """

    def __init__(self, users: Mapping[str, str], orgs: Mapping[str, Mapping[str, str]]) -> None:
        self.users = dict(users)
        self.orgs = {name: dict(members) for name, members in orgs.items()}
        self.revoked: set[str] = set()

    def token(self, user: str, role: TokenRole = "write") -> str:
        """Return a user's token; KeyError for a user who does not exist."""
        return self.users[user] + ("" if role == "write" else "_read")

    def identify(self, token: str) -> Identity | None:
        """Return whose token it is, or None for one that is unknown or revoked."""
        if token in self.revoked:
            return None
        roles: tuple[TokenRole, ...] = ("write", "read")
        for user in self.users:
            for role in roles:
                if token == self.token(user, role):
                    return Identity(user, role)
        return None

    def reads_for(self, user: str, namespace: str) -> bool:
        """Say whether a user sees the private repos of a namespace."""
        return user == namespace or user in self.orgs.get(namespace, {})

    def writes_for(self, user: str, namespace: str) -> bool:
        """Say whether a user may write in a namespace."""
        return user == namespace or self.orgs.get(namespace, {}).get(user) in ("admin", "write")

    def whoami(self, identity: Identity) -> dict[str, Any]:
        """Return what GET /api/whoami-v2 answers."""
        orgs = [
            {
                "type": "org",
                "id": f"org-{name}",
                "name": name,
                "fullname": name,
                "roleInOrg": members[identity.user],
            }
            for name, members in self.orgs.items()
            if identity.user in members
        ]
        return {
            "type": "user",
            "id": f"user-{identity.user}",
            "name": identity.user,
            "fullname": identity.user.title(),
            "email": f"{identity.user}@example.org",
            "emailVerified": True,
            "isPro": False,
            "orgs": orgs,
            "auth": {
                "type": "access_token",
                "accessToken": {
                    "displayName": "token",
                    "role": identity.role,
                    "createdAt": "2026-01-01T00:00:00.000Z",
                },
            },
        }
