"""The account behind the credentials (`/me/`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from kobo_async.call import OMIT, Omit, Op, Paging, given
from kobo_async.models.account import EmailAddress, Me, SocialAccount
from kobo_async.pages import Pages, Sender

GET = Op("GET", "/me/", Me)
UPDATE = Op("PATCH", "/me/", Me, repeatable=True)
DELETE = Op("DELETE", "/me/", type(None), repeatable=False)
EMAILS = Op("GET", "/me/emails/", EmailAddress, paging=Paging.COUNTED)
ADD_EMAIL = Op("POST", "/me/emails/", EmailAddress, repeatable=False)
SOCIAL_ACCOUNTS = Op("GET", "/me/social-accounts/", SocialAccount, paging=Paging.COUNTED)
GET_SOCIAL_ACCOUNT = Op(
    "GET", "/me/social-accounts/{provider}/{uid_social_account}/", SocialAccount
)
DELETE_SOCIAL_ACCOUNT = Op("DELETE", GET_SOCIAL_ACCOUNT.path, type(None), repeatable=True)


@attrs.frozen
class Account:
    """The account that the credentials belong to."""

    _sender: Sender

    async def get(self) -> Me:
        """Fetch the caller's account.

        This is the way to check credentials: the asset list answers 200 to anyone
        (`observed §1`). Permission: any account. Errors: AuthenticationFailed.
        """
        return await self._sender.send(GET.at())

    async def update(
        self,
        *,
        first_name: str | Omit = OMIT,
        last_name: str | Omit = OMIT,
        extra_details: Mapping[str, Any] | Omit = OMIT,
    ) -> Me:
        """Change the caller's details; `extra_details` are merged into those there are.

        Permission: any account. Errors: BadRequest for details the server does not accept.
        """
        body = given(first_name=first_name, last_name=last_name, extra_details=extra_details)
        return await self._sender.send(UPDATE.at(json=body))

    async def change_password(self, *, current_password: str, new_password: str) -> Me:
        """Change the caller's password.

        Permission: any account. Errors: BadRequest for a wrong or a weak one.
        """
        body = {"current_password": current_password, "new_password": new_password}
        return await self._sender.send(UPDATE.at(json=body))

    async def delete(self, *, account_uid: str) -> None:
        """Delete the caller's account.

        `account_uid` is `Me.extra_details__uid`, so that nobody deletes an account by mistake.

        Permission: any account. Errors: BadRequest for another uid, and while the caller owns
        projects; MethodNotAllowed on servers that leave it to administrators.
        """
        await self._sender.send(DELETE.at(json={"confirm": account_uid}))

    def emails(self, *, page_size: int = 1000) -> Pages[EmailAddress]:
        """List the caller's e-mail addresses. Permission: any account."""
        return self._sender.pages(EMAILS.at(query={"limit": page_size}))

    async def add_email(self, *, email: str) -> EmailAddress:
        """Add an address, to which the server sends a link that confirms it.

        Other addresses that were never confirmed are forgotten.

        Permission: any account. Errors: BadRequest for members of an organization who are not its
        admins, and for accounts that sign in through an identity provider.
        """
        return await self._sender.send(ADD_EMAIL.at(json={"email": email}))

    def social_accounts(self, *, page_size: int = 1000) -> Pages[SocialAccount]:
        """List accounts elsewhere with which the caller can sign in. Permission: any account."""
        return self._sender.pages(SOCIAL_ACCOUNTS.at(query={"limit": page_size}))

    async def get_social_account(self, provider: str, uid_social_account: str) -> SocialAccount:
        """Fetch one account elsewhere. Permission: any account. Errors: NotFound."""
        return await self._sender.send(GET_SOCIAL_ACCOUNT.at(provider, uid_social_account))

    async def delete_social_account(self, provider: str, uid_social_account: str) -> None:
        """Cut the link to an account elsewhere: it no longer opens this one.

        Permission: any account. Errors: NotFound.
        """
        await self._sender.send(DELETE_SOCIAL_ACCOUNT.at(provider, uid_social_account))
