"""Bluesky with one person: directory of identities, server with sign-in, and AppView in one.

Proofs, nonces, challenges and client assertions are checked as a real server checks them.
Source: atproto.com/specs/oauth; the lexicons app.bsky.*; RFC 9449, 9126, 7636, 7523.
"""

import base64
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from django.utils import timezone
from jwt.algorithms import ECAlgorithm

from accounts.connectors import dpop
from accounts.connectors.atproto_oauth import Client
from accounts.connectors.base import Access, Code
from accounts.connectors.setup import Config
from tests.accounts.fakes.base import Fake, Sign
from tests.fault_server import Asked, reply

Made = dict[str, Any]

DID = "did:plc:noranoranoranoranoranora"
OTHER = "did:plc:ottoottoottoottoottootto"
HANDLE = "nora.test"
SITE = "http://127.0.0.1:8000"

_PROTECTED = "/.well-known/oauth-protected-resource"
_ISSUER = "/.well-known/oauth-authorization-server"
_PAR = "/oauth/par"
_TOKEN = "/oauth/token"
_REVOKE = "/oauth/revoke"
_SESSION = "/xrpc/com.atproto.server.getSession"
_VIEW = "/appview/xrpc"
_PROFILE = f"{_VIEW}/app.bsky.actor.getProfile"
_PROFILES = f"{_VIEW}/app.bsky.actor.getProfiles"
_FEED = f"{_VIEW}/app.bsky.feed.getAuthorFeed"
_LIKES = f"{_VIEW}/app.bsky.feed.getLikes"
_REPOSTS = f"{_VIEW}/app.bsky.feed.getRepostedBy"
_QUOTES = f"{_VIEW}/app.bsky.feed.getQuotes"
_THREAD = f"{_VIEW}/app.bsky.feed.getPostThread"
_RESOLVE = f"{_VIEW}/com.atproto.identity.resolveHandle"


def said(error: str, words: str, status: int = 400, **headers: str) -> bytes:
    """Return a refusal in the words of the AppView or of a server of accounts."""
    return reply({"error": error, "message": words}, status=status, **headers)


def refused(error: str, words: str, status: int = 400, **headers: str) -> bytes:
    """Return a refusal in the words of OAuth."""
    return reply({"error": error, "error_description": words}, status=status, **headers)


def _unproved(words: str) -> bytes:
    www = f'DPoP error="invalid_token", error_description="{words}"'
    return reply({"error": "invalid_token", "message": words}, status=401, WWW_Authenticate=www)


class Bad(Exception):
    """A request is refused with this answer."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self.answer = answer


@dataclass
class Held:
    """A session: what it is bound to, and the newest of its tokens."""

    did: str
    jkt: str
    client_id: str
    signed_by: str
    access: str = ""
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    alive: bool = True


class FakeBluesky(Fake):
    """One person, nora.test, without posts until a test adds some."""

    network = "bluesky"
    target_id = DID
    stages: ClassVar[dict[str, tuple[str, ...]]] = {
        "link": (f"/plc/{DID}", _PROTECTED, _SESSION, _PROFILE, _FEED),
        "refresh": (_ISSUER, _TOKEN),
        "read": (_PROFILE, _FEED, _LIKES, _REPOSTS, _QUOTES, _THREAD, _PROFILES),
    }
    signs = (
        Sign("a deleted identity", "link", f"/plc/{DID}", reply({}, status=404), Code.GONE),
        Sign("another key than the token's", "link", _SESSION,
             _unproved("Invalid DPoP key binding"), Code.CONTRACT),
        Sign("a token sent as a bearer", "link", _SESSION, said("InvalidToken", "Malformed token"),
             Code.CONTRACT),
        Sign("an expired token", "link", _SESSION,
             _unproved('"exp" claim timestamp check failed'), Code.EXPIRED),
        Sign("a session that was ended", "link", _SESSION, _unproved("Invalid token"),
             Code.REVOKED),
        Sign("a permission that is missing", "link", _SESSION,
             said("ScopeMissingError", 'Missing required scope "rpc:..."', 403),
             Code.SCOPE_MISSING),
        Sign("a server without an account", "link", _SESSION, said("AccountTakedown", "Gone"),
             Code.GONE),
        Sign("somebody else", "link", _SESSION, reply({"did": OTHER}), Code.CONTRACT),
        Sign("an account that moved", "link", _PROTECTED,
             reply({"authorization_servers": ["https://elsewhere.example"]}), Code.REVOKED),
        Sign("a server that speaks otherwise", "link", _PROTECTED, reply({}, status=404),
             Code.CONTRACT),
        Sign("a spent refresh token", "refresh", _TOKEN,
             refused("invalid_grant", "Refresh token replayed"), Code.REVOKED),
        Sign("an unknown refresh token", "refresh", _TOKEN,
             refused("invalid_grant", "Invalid refresh token"), Code.REVOKED),
        Sign("metadata that cannot be had", "refresh", _TOKEN,
             refused("invalid_client_metadata", "Unable to obtain client metadata"),
             Code.APP_CONFIG),
        Sign("a name nobody knows", "refresh", _TOKEN, refused("invalid_client_id", "Who?"),
             Code.APP_CONFIG),
        Sign("a key that is not ours", "refresh", _TOKEN,
             refused("invalid_client", "Validation failed", 401), Code.APP_CONFIG),
        Sign("a nonce without end", "refresh", _TOKEN,
             refused("use_dpop_nonce", "Another", DPoP_Nonce="n2"), Code.CONTRACT),
        Sign("a proof that is none", "refresh", _TOKEN, refused("invalid_dpop_proof", "No"),
             Code.CONTRACT),
        Sign("tokens of somebody else", "refresh", _TOKEN,
             reply({"access_token": "a", "token_type": "DPoP", "scope": "atproto", "sub": OTHER}),
             Code.SOURCE_NOT_GRANTED),
        Sign("a token for whoever has it", "refresh", _TOKEN,
             reply({"access_token": "a", "token_type": "Bearer", "scope": "atproto", "sub": DID}),
             Code.CONTRACT),
        Sign("a token that says nothing", "refresh", _TOKEN,
             reply({"access_token": "a", "token_type": "DPoP", "scope": "", "sub": DID}),
             Code.SCOPE_MISSING),
        Sign("a server that claims another name", "refresh", _ISSUER,
             reply({"issuer": "https://elsewhere.example"}), Code.CONTRACT),
        Sign("a deleted profile", "read", _PROFILE, said("InvalidRequest", "Profile not found"),
             Code.GONE),
        Sign("a taken down account", "read", _PROFILE, said("AccountTakedown", "Suspended"),
             Code.GONE),
        Sign("a switched off account", "read", _FEED, said("AccountDeactivated", "Off"), Code.GONE),
        Sign("too many requests", "read", _FEED,
             said("RateLimitExceeded", "Wait", 429, RateLimit_Reset="60"), Code.RATE_LIMITED),
        Sign("a server behind that is down", "read", _FEED,
             said("UpstreamFailure", "Upstream Failure", 502), Code.TRANSIENT),
        Sign("a page of the front door", "read", _FEED,
             reply(raw=b"<h1>Blocked</h1>", kind="text/html", status=403), Code.TRANSIENT),
        Sign("an unknown refusal", "read", _LIKES, said("InvalidRequest", "Error: uri"),
             Code.CONTRACT),
        Sign("another account", "read", _PROFILE, reply({"did": OTHER, "handle": "o.test"}),
             Code.CONTRACT),
        Sign("an account that asks not to be shown", "read", _PROFILE,
             reply({"did": DID, "handle": HANDLE,
                    "labels": [{"src": DID, "val": "!no-unauthenticated"}]}),
             Code.WRONG_ACCOUNT_TYPE),
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.now = timezone.now()
        self.handles = {HANDLE: DID, "otto.test": OTHER}
        self.documents: dict[str, Made] = {
            did: self.document(did, handle) for handle, did in self.handles.items()
        }
        self.profiles: dict[str, Made] = {
            DID: {"did": DID, "handle": HANDLE, "displayName": "Nora Fields", "labels": [],
                  "followersCount": 41, "followsCount": 7, "postsCount": 1},
        }  # fmt: skip
        self.posts: list[Made] = []  # items of the feed, newest first
        self.lists: dict[tuple[str, str], list[Made]] = {}  # (path, uri) -> who reacted
        self.page = 100  # items a page
        self.nonce = "n1"
        self.turns_nonces = False  # a new one with every answer
        self.proofs: set[str] = set()  # identifiers of proofs and assertions that were used
        self.announced: dict[str, tuple[Made, Held]] = {}
        self.codes: dict[str, tuple[Made, Held]] = {}
        self.sessions: list[Held] = []
        self.clients: dict[str, Made] = {}  # name of a confidential client -> its keys
        self.says: Made = {}  # replaces fields of a token answer
        self.lasts = 3_600
        self._numbers = itertools.count(1)
        self._one_at_a_time = threading.Lock()
        # What later tests put in the way of every read needs something to read.
        post = self.add_post("Hello", at=self.now - timedelta(days=1))
        for path in (_LIKES, _REPOSTS, _QUOTES, _THREAD):
            self.react(post, path, self.somebody(f"fan{path[-6:].lower()}"))
        self._serve()

    # What tests set up

    def document(self, did: str, handle: str) -> Made:
        """Return the document of an identity whose server this is."""
        return {
            "id": did,
            "alsoKnownAs": [f"at://{handle}"],
            "service": [
                {
                    "id": "#atproto_pds",
                    "type": "AtprotoPersonalDataServer",
                    "serviceEndpoint": self.server.url(),
                }
            ],
        }

    def config(self, *, site_url: str = SITE, key: str = "") -> Config:
        addresses = {"appview": self.server.url("/appview"), "plc": self.server.url("/plc")}
        return Config(
            "bluesky",
            addresses=tuple(addresses.items()),
            site_url=site_url,
            client_secret=key,
        )

    def access(self, **config: str) -> Access:
        """Return an access of a session of its own."""
        client = Client(self.config(**config))
        key = client.new_session_key()
        signed_by = json.loads(key)["signed_by"]
        held = Held(DID, dpop.name_of(key), client.id, signed_by)
        self.sessions.append(held)
        self._renew(held)
        return Access(
            token=held.access,
            refresh=held.refresh,
            account_id=DID,
            server=self.server.url(),
            scopes=("atproto",),
            key=key,
        )

    def add_post(self, text: str, *, at: datetime, by: str = DID, **record: Any) -> Made:
        """Add a post to the feed; its counts follow `react`."""
        number = next(self._numbers)
        time_of = at.isoformat()
        post: Made = {
            "uri": f"at://{by}/app.bsky.feed.post/3k{number:011d}",
            "cid": "bafy",
            "author": {"did": by, "handle": HANDLE},
            "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": time_of} | record,
            "indexedAt": time_of,
            "likeCount": 0,
            "repostCount": 0,
            "replyCount": 0,
            "quoteCount": 0,
        }
        self.posts.append({"post": post})
        self.posts.sort(key=lambda item: str(item["post"]["indexedAt"]), reverse=True)
        return post

    def somebody(self, name: str, *, followers: int = 10, labels: tuple[str, ...] = ()) -> Made:
        """Return somebody who can react."""
        did = "did:plc:" + f"{''.join(c for c in name if c in 'abcdefghijklmnopqrstuvwxyz')}"[
            :24
        ].ljust(24, "a")
        self.profiles[did] = {
            "did": did,
            "handle": f"{name}.test",
            "followersCount": followers,
            "createdAt": "2023-05-01T00:00:00Z",
            "labels": [{"src": did, "val": label} for label in labels],
        }
        return {name: self.profiles[did][name] for name in ("did", "handle", "labels")}

    def react(self, post: Made, path: str, who: Made, *, at: datetime | None = None) -> None:
        """Let somebody react to a post; `path` is that of the list it will stand in."""
        when = (at or self.now - timedelta(hours=1)).isoformat()
        times = {"createdAt": when, "indexedAt": when}
        uri = f"at://{who['did']}/app.bsky.feed.post/3k{next(self._numbers):011d}"
        made = {
            _LIKES: {"actor": who, **times},
            _REPOSTS: who,
            _QUOTES: {"uri": uri, "author": who, "record": {"createdAt": when}, **times},
            _THREAD: {"post": {"uri": uri, "author": who, "record": {"createdAt": when}, **times}},
        }[path]
        name = {_LIKES: "like", _REPOSTS: "repost", _QUOTES: "quote", _THREAD: "reply"}[path]
        post[f"{name}Count"] += 1
        self.lists.setdefault((path, post["uri"]), []).append(made)

    def consent(self, address: str, *, answer: str = "allow", did: str = DID) -> dict[str, str]:
        """Answer the consent page as its person; return the query of the callback."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        form, held = self.announced.pop(query["request_uri"])
        assert query["client_id"] == form["client_id"]
        back = {"state": form["state"], "iss": self.server.url()}
        if answer != "allow":
            return {**back, "error": answer}
        held.did = did
        code = f"cod-{self.server.port}-{next(self._numbers)}"
        self.codes[code] = (form, held)
        return {**back, "code": code}

    # The roles

    def _serve(self) -> None:
        routes: dict[str, Callable[[Asked], bytes]] = {
            _PROTECTED: lambda _: reply({"authorization_servers": [self.server.url()]}),
            _ISSUER: lambda _: reply(self.about()),
            _PAR: self._guarded(self._par),
            _TOKEN: self._guarded(self._token),
            _REVOKE: self._guarded(self._revoke),
            _SESSION: self._guarded(self._session),
            _RESOLVE: self._resolve,
            _PROFILE: self._profile,
            _PROFILES: self._profiles,
            _FEED: self._feed,
            _THREAD: self._thread,
        }
        for did in self.documents:
            routes[f"/plc/{did}"] = self._document
        names = {_LIKES: "likes", _REPOSTS: "repostedBy", _QUOTES: "posts"}
        for path, name in names.items():
            routes[path] = lambda asked, name=name: self._listed(asked, name)  # type: ignore[misc]
        self.server.routes.update(routes)

    def about(self) -> Made:
        """Return the metadata of the authorization server."""
        return {
            "issuer": self.server.url(),
            "pushed_authorization_request_endpoint": self.server.url(_PAR),
            "authorization_endpoint": self.server.url("/oauth/authorize"),
            "token_endpoint": self.server.url(_TOKEN),
            "revocation_endpoint": self.server.url(_REVOKE),
            "scopes_supported": ["atproto", "transition:generic"],
            "dpop_signing_alg_values_supported": ["ES256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
            "require_pushed_authorization_requests": True,
            "authorization_response_iss_parameter_supported": True,
        }

    def _guarded(self, role: Callable[[Asked], bytes]) -> Callable[[Asked], bytes]:
        """Return the role as a route: refusals are answers, and every answer brings a nonce."""

        def route(asked: Asked) -> bytes:
            try:
                with self._one_at_a_time:
                    answer = role(asked)
            except Bad as bad:
                answer = bad.answer
            if self.turns_nonces:
                self.nonce = f"n{next(self._numbers)}"
            head, _, body = answer.partition(b"\r\n\r\n")
            return head + f"\r\nDPoP-Nonce: {self.nonce}\r\n\r\n".encode() + body

        return route

    def _proved(self, asked: Asked, *, token: str = "") -> str:
        """Return the thumbprint of the key that a request proves to hold. Raises Bad."""
        signed = asked.headers.get("dpop", "")
        try:
            head = jwt.get_unverified_header(signed)
            key: Any = ECAlgorithm.from_jwk(json.dumps(head["jwk"]))
            claims = jwt.decode(signed, key, algorithms=["ES256"])
        except (jwt.PyJWTError, KeyError) as error:
            raise Bad(refused("invalid_dpop_proof", str(error))) from error
        wrong = (
            head.get("typ") != "dpop+jwt"
            or "d" in head["jwk"]
            or claims.get("htm") != asked.method
            or claims.get("htu") != self.server.url(asked.path)
            or abs(time.time() - claims.get("iat", 0)) > 60
            or claims.get("jti") in self.proofs
            or (token and claims.get("ath") != _digest(token))
        )
        if wrong:
            raise Bad(refused("invalid_dpop_proof", "It is about something else."))
        if claims.get("nonce") != self.nonce:
            www = 'DPoP error="use_dpop_nonce", error_description="Authorization server requires"'
            status = 401 if token else 400
            more = {"WWW_Authenticate": www} if token else {}
            raise Bad(refused("use_dpop_nonce", "A nonce is needed.", status, **more))
        self.proofs.add(claims["jti"])
        return dpop.name_of(json.dumps(head["jwk"]))

    def _client(self, form: Mapping[str, str]) -> tuple[str, str]:
        """Return (name of the client, name of the key it signed with). Raises Bad."""
        name = form.get("client_id", "")
        if urlsplit(name).hostname == "localhost":
            return name, ""
        if name not in self.clients:
            raise Bad(refused("invalid_client_metadata", "Unable to obtain client metadata"))
        word = form.get("client_assertion", "")
        try:
            kid = jwt.get_unverified_header(word)["kid"]
            jwk = next(key for key in self.clients[name]["keys"] if key["kid"] == kid)
            key: Any = ECAlgorithm.from_jwk(json.dumps(jwk))
            issuer = self.server.url()
            claims = jwt.decode(word, key, algorithms=["ES256"], audience=issuer, issuer=name)
        except (jwt.PyJWTError, KeyError, StopIteration) as error:
            raise Bad(refused("invalid_client", f"Validation failed: {error}", 401)) from error
        if claims.get("sub") != name or claims["jti"] in self.proofs:
            raise Bad(refused("invalid_client", "Not you, or used before", 401))
        self.proofs.add(claims["jti"])
        return name, str(kid)

    def _par(self, asked: Asked) -> bytes:
        jkt = self._proved(asked)
        name, kid = self._client(asked.form)
        if asked.form.get("scope") != "atproto" or len(asked.form.get("code_challenge", "")) != 43:
            raise Bad(refused("invalid_request", "A challenge is needed."))
        uri = f"urn:ietf:params:oauth:request_uri:req-{next(self._numbers)}"
        self.announced[uri] = (dict(asked.form), Held(DID, jkt, name, kid))
        return reply({"request_uri": uri, "expires_in": 299}, status=201)

    def _token(self, asked: Asked) -> bytes:
        jkt, (name, kid) = self._proved(asked), self._client(asked.form)
        if asked.form.get("grant_type") == "authorization_code":
            held = self._held_by_code(asked.form)
        else:
            held = self._held_by_refresh(asked.form.get("refresh_token", ""))
        if (held.jkt, held.client_id, held.signed_by) != (jkt, name, kid):
            raise Bad(refused("invalid_grant", "The session was begun with another key"))
        self._renew(held)
        return reply(
            {
                "access_token": held.access,
                "token_type": "DPoP",
                "refresh_token": held.refresh,
                "scope": "atproto",
                "expires_in": self.lasts,
                "sub": held.did,
            }
            | self.says
        )

    def _held_by_code(self, form: Mapping[str, str]) -> Held:
        announced, held = self.codes.get(form.get("code", ""), ({}, Held("", "", "", "")))
        if not announced or held in self.sessions:
            held.alive = False  # a code that is shown twice was stolen once
            raise Bad(refused("invalid_grant", "Invalid code"))
        if _digest(form.get("code_verifier", "")) != announced["code_challenge"]:
            raise Bad(refused("invalid_grant", "Invalid code_verifier"))
        if form.get("redirect_uri") != announced["redirect_uri"]:
            raise Bad(refused("invalid_grant", "Invalid redirect_uri"))
        self.sessions.append(held)
        return held

    def _held_by_refresh(self, refresh: str) -> Held:
        for held in self.sessions:
            if refresh in held.spent:
                held.alive = False
                raise Bad(refused("invalid_grant", "Refresh token replayed"))
            if refresh == held.refresh and held.alive:
                return held
        raise Bad(refused("invalid_grant", "Invalid refresh token"))

    def _renew(self, held: Held) -> None:
        held.spent |= {held.refresh} if held.refresh else set()
        number = next(self._numbers)
        held.access, held.refresh = f"canary-access-{number}", f"canary-refresh-{number}"

    def _revoke(self, asked: Asked) -> bytes:
        jkt, (name, kid) = self._proved(asked), self._client(asked.form)
        for held in self.sessions:
            if asked.form.get("token") in {held.access, held.refresh}:
                if (held.jkt, held.client_id, held.signed_by) != (jkt, name, kid):
                    raise Bad(refused("invalid_grant", "DPoP proof does not match"))
                held.alive = False
        return reply(raw=b"")

    def _session(self, asked: Asked) -> bytes:
        kind, _, token = asked.headers.get("authorization", "").partition(" ")
        if kind != "DPoP":
            raise Bad(said("InvalidToken", "Malformed token"))
        jkt = self._proved(asked, token=token)
        held = next((one for one in self.sessions if one.access == token and one.alive), None)
        if held is None:
            raise Bad(_unproved("Invalid token"))
        if held.jkt != jkt:
            raise Bad(_unproved("Invalid DPoP key binding"))
        return reply({"did": held.did, "handle": HANDLE, "active": True})

    def _document(self, asked: Asked) -> bytes:
        return reply(self.documents[asked.path.removeprefix("/plc/")])

    def _resolve(self, asked: Asked) -> bytes:
        did = self.handles.get(asked.query.get("handle", ""))
        return reply({"did": did}) if did else said("InvalidRequest", "Unable to resolve handle")

    def _profile(self, asked: Asked) -> bytes:
        profile = self.profiles.get(asked.query.get("actor", ""))
        return reply(profile) if profile else said("InvalidRequest", "Profile not found")

    def _profiles(self, asked: Asked) -> bytes:
        wanted = parse_qs(asked.raw_query).get("actors", [])
        assert len(wanted) <= 25
        return reply({"profiles": [self.profiles[did] for did in wanted if did in self.profiles]})

    def _feed(self, asked: Asked) -> bytes:
        return self._paged(asked, "feed", self.posts)

    def _listed(self, asked: Asked, name: str) -> bytes:
        return self._paged(asked, name, self.lists.get((asked.path, asked.query["uri"]), []))

    def _paged(self, asked: Asked, name: str, items: list[Made]) -> bytes:
        start = int(asked.query.get("cursor", 0))
        end = start + min(self.page, int(asked.query["limit"]))
        more = {"cursor": str(end)} if end < len(items) else {}
        return reply({name: items[start:end]} | more)

    def _thread(self, asked: Asked) -> bytes:
        replies = self.lists.get((asked.path, asked.query["uri"]), [])
        return reply({"thread": {"post": {"uri": asked.query["uri"]}, "replies": replies}})


LIKES, REPOSTS, QUOTES, REPLIES = _LIKES, _REPOSTS, _QUOTES, _THREAD


def back(query: Mapping[str, str]) -> str:
    """Return the address of our callback with a query."""
    return f"/accounts/bluesky/callback/?{urlencode(query)}"


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
