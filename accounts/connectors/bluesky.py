"""Bluesky, on its own servers and on any other that speaks the AT Protocol.

Linking proves whose account it is, and asks for nothing else. Reading needs no key: the AppView
shows everybody what is public, so a link whose key died goes on counting.
"""
# ruff: noqa: ARG002 (signatures are those of accounts.connectors.base)

from datetime import datetime, timedelta

from accounts.connectors import atproto, bluesky_read, oauth, shapes
from accounts.connectors.atproto import Account, Server
from accounts.connectors.atproto_oauth import Client
from accounts.connectors.base import (
    Access,
    Code,
    ConnectorError,
    Identity,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.bluesky_api import (
    AppView,
    Query,
    asks_for_a_sign_in,
    refused_by_server,
)
from accounts.connectors.bluesky_read import Found
from accounts.connectors.common import Common
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = timedelta(days=90)
_NEWEST = 20

_HIDDEN = marked(
    "This account asks apps not to show it to people who are not signed in to Bluesky, and we read "
    "only what everybody may see. To let it count, open Settings, Privacy and security in Bluesky "
    "and allow logged-out visibility."
)
_MOVED = marked(
    "Your account moved to another server since you linked it. What is public still counts; "
    "connect it again, so that we know it is yours."
)


class Bluesky(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "bluesky"
    name = "Bluesky"
    reads = (
        "Your posts and replies of the last 90 days with their counts, as everybody sees them.",
        "Who liked, reposted, answered or quoted you, as a number without a name.",
        "How many people follow each of them, and how many follow you.",
    )
    cannot_read = (
        "Mentions and the days on which people began to follow you: only your notifications tell.",
        "When somebody reposted: the day of the post counts.",
        "People who asked Bluesky not to be shown to everybody: they count as a number only.",
    )
    consent_lasts = (
        "Until you take it back, here or in your server's settings. What is public is read without "
        "it, so to end the reading, unlink here."
    )
    scopes = (atproto.SCOPE,)
    # A dead token stops no reading, so it is renewed only now and then: a week after its end.
    renew_before = -timedelta(days=7)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.client = Client(config)

    # Linking

    def meet(self, typed: str, *, now: datetime) -> tuple[Account, Server]:
        """Return the account somebody means, and the server that signs its owner in."""
        account = atproto.found(self.config, atproto.name_in(typed), now=now)
        return account, atproto.server_of(atproto.issuer_of(account.pds, now=now), now=now)

    def announce(
        self,
        account: Account,
        server: Server,
        *,
        key: str,
        state: str,
        challenge: str,
        now: datetime,
    ) -> str:
        """Return the address of the consent page, after telling the server what is asked."""
        hint = account.handle or account.did
        return self.client.announce(
            server, key=key, state=state, challenge=challenge, hint=hint, now=now
        )

    def finish(
        self, code: str, *, issuer: str, did: str, key: str, verifier: str, now: datetime
    ) -> Tokens:
        """Return the tokens for a code of `issuer`, when they are for `did` and it may give them.

        Raises ConnectorError(SOURCE_NOT_GRANTED) when they are somebody else's.
        """
        server = atproto.server_of(issuer, now=now)
        said = self.client.exchange(server, code, key=key, verifier=verifier, now=now)
        tokens = self._tokens(said, did, key)
        # The server was believed about who signed in; the account itself must name that server.
        account = atproto.document(self.config, did, now=now)
        if atproto.issuer_of(account.pds, now=now) != issuer:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED,
                say("The server that answered is not the one your account is on."),
            )
        return tokens

    def _tokens(self, said: Record, did: str, key: str) -> Tokens:
        """Return the tokens of an answer that is about `did` and bound to `key`."""
        if said.get("sub") != did:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED,
                say("You signed in there with another account than the one you typed here."),
            )
        tokens = oauth.tokens_of(said)
        if str(said.get("token_type")).lower() != "dpop":
            raise ConnectorError(
                Code.CONTRACT, say("The server gave a key that anybody could use.")
            )
        if atproto.SCOPE not in tokens.scopes:
            raise ConnectorError(Code.SCOPE_MISSING, say("The server did not say who you are."))
        return Tokens(
            token=tokens.token,
            refresh=tokens.refresh,
            scopes=tokens.scopes,
            lasts=tokens.lasts,
            account_id=did,
            key=key,
        )

    # What the key is for

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return new tokens; the server ends the session when an old one is shown again."""
        if not access.refresh or not access.key:
            raise ConnectorError(Code.EXPIRED, say("The access has ended. Connect it again."))
        server = atproto.server_of(access.server, now=now)
        said = self.client.renew(server, access.refresh, key=access.key, now=now)
        return self._tokens(said, access.account_id, access.key)

    def revoke(self, access: Access) -> None:
        """Ask the server to end the session."""
        self.client.revoke(atproto.server_of(access.server), access.token, key=access.key)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return who the access speaks for, asked of the account's own server."""
        if not access.token or not access.key:
            raise ConnectorError(Code.EXPIRED, say("The access has ended. Connect it again."))
        account = atproto.document(self.config, access.account_id, now=now)
        if atproto.issuer_of(account.pds, now=now) != access.server:
            raise ConnectorError(
                Code.REVOKED, say("Your account moved to another server. Connect it again.")
            )
        url = f"{account.pds}/xrpc/com.atproto.server.getSession"
        answer = self.client.get(url, token=access.token, key=access.key, now=now)
        if answer.status != 200:
            raise refused_by_server(answer)
        if shapes.record(answer.json()).get("did") != account.did:
            raise ConnectorError(
                Code.CONTRACT, say("{host} answered about somebody else.", host=answer.host)
            )
        handle = account.handle
        if handle and not self._points_at(account.did, handle, now):
            handle = ""  # it does not point back, so it is not shown as theirs
        return Identity(
            uid=account.did,
            username=handle,
            url=f"https://bsky.app/profile/{account.did}",
        )

    def _points_at(self, did: str, handle: str, now: datetime) -> bool:
        """Tell whether a handle claims this account; one that nobody could ask about does not."""
        try:
            return atproto.did_of(self.config, handle, now=now) == did
        except ConnectorError:
            return False

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the account itself, once its server said again that it is theirs."""
        who = self.identity(access, now=now)
        view = self._view(now)
        profile = view.profile(who.uid)
        hidden = asks_for_a_sign_in(profile)
        found = Found(who.uid, now - WINDOW, now)
        times, whole = ([], False) if hidden else bluesky_read.newest_times(view, found)
        named = Identity(who.uid, who.username, _display_name(profile), who.url)
        return (
            Target(
                external_id=who.uid,
                kind="profile",
                title=named.title,
                url=who.url,
                followers=shapes.count(profile, "followersCount"),
                posts_90d=sum(at >= found.since for at in times) if whole else None,
                last_post_at=max(times, default=None),
                selectable=not hidden,
                reason=say(_HIDDEN) if hidden else "",
            ),
        )

    # Reading, which needs no key

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return posts since `since`, their counts and who reacted, as everybody sees them."""
        view, profile = self._open(access, target_id, now)
        found = Found(target_id, since, now)
        if self._moved(access, now):
            found.limited.append(say(_MOVED))
        return bluesky_read.read(view, found, profile, progress)

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest posts with the counts of now."""
        view, _profile = self._open(access, target_id, now)
        found = Found(target_id, now - WINDOW, now)
        query: Query = {"actor": target_id, "limit": 2 * _NEWEST, "filter": "posts_with_replies"}
        page = next(view.pages("app.bsky.feed.getAuthorFeed", query, "feed", most=1))
        dated = list(bluesky_read.own_posts(page.items, found))[:_NEWEST]
        return tuple(bluesky_read.made_post(post, at, found) for at, post in dated)

    def front(self, access: Access) -> str:
        """Return the address of the AppView's own check."""
        return f"{self.config.url('appview')}/xrpc/_health"

    def _view(self, now: datetime) -> AppView:
        return AppView(self.config.url("appview"), now=now)

    def _open(self, access: Access, target_id: str, now: datetime) -> tuple[AppView, Record]:
        """Return the AppView and the profile to read. Raises where it is not to be read."""
        if access.account_id != target_id:
            raise ConnectorError(
                Code.SOURCE_NOT_GRANTED, say("This access speaks for another Bluesky account.")
            )
        view = self._view(now)
        profile = view.profile(target_id)
        if asks_for_a_sign_in(profile):
            raise ConnectorError(Code.WRONG_ACCOUNT_TYPE, _HIDDEN)
        return view, profile

    def _moved(self, access: Access, now: datetime) -> bool:
        """Tell whether another server than the one that proved the ownership holds the account.

        A server that does not answer proves nothing, and what is public is read all the same.
        """
        try:
            account = atproto.document(self.config, access.account_id, now=now)
            return atproto.issuer_of(account.pds, now=now) != access.server
        except ConnectorError:
            return False


def _display_name(profile: Record) -> str:
    return " ".join(shapes.text(profile, "displayName", 60).split())
