"""LinkedIn: who somebody is, and the pages of organisations they run.

No site sees the posts of a personal profile; its owner can download their numbers and upload them
here. Pages are read where the operator has LinkedIn's approval and says so
(LINKEDIN_ORGANISATIONS=on). LinkedIn gives that to an app of its own, without OpenID Connect, so
that such a site asks who somebody is in another way.

Who reacted is not read: LinkedIn allows nobody to keep other members' profiles.
"""

from datetime import datetime, timedelta

from accounts.connectors import linkedin_api, linkedin_pages, shapes
from accounts.connectors.base import (
    Access,
    Cause,
    Code,
    ConnectorError,
    Identity,
    Inspection,
    Post,
    Progress,
    Reading,
    Target,
    Tokens,
)
from accounts.connectors.common import Common
from accounts.connectors.linkedin_api import Session, urn
from accounts.connectors.linkedin_pages import (
    ADMIN_SCOPE,
    ADMINISTRATOR,
    ORGANISATION,
    POSTS_SCOPE,
    ROLE_LOST,
    Found,
    role_in_words,
)
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import marked, say

WINDOW = linkedin_pages.WINDOW
DETAILED = 30  # pages whose name and followers are asked for

SIGN_IN_SCOPES = ("openid", "profile")
# A site that LinkedIn approved for pages has no OpenID Connect.
PAGE_SCOPES = ("r_basicprofile", POSTS_SCOPE, ADMIN_SCOPE)

_PERSONAL = marked(
    "LinkedIn shows no site the posts of a personal profile. Download their numbers at LinkedIn "
    "(Analytics, Export, an .xlsx file) and upload that file here."
)


class LinkedIn(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "linkedin"
    name = "LinkedIn"
    reads = (
        "Who you are: your name. Your email address is not asked for.",
        "Of a page you run, where this site has LinkedIn's approval: its public posts of 90 days.",
        "How many reactions, comments and reposts each of them has, and how many follow the page.",
    )
    cannot_read = (
        "Posts of your personal profile: LinkedIn shows them to no site. Upload their numbers.",
        "Your feed, groups and messages: LinkedIn shows them to no site.",
        "Who reacted: LinkedIn lets nobody keep that, so everybody counts by number.",
    )
    consent_lasts = (
        "60 days, then LinkedIn wants you to connect again. It goes on listing this site under "
        "Permitted services after that: that does not mean that the access works."
    )
    pkce = False  # LinkedIn refuses the challenge unless it was switched on for the app
    renew_before = timedelta(days=7)

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/oauth/v2/authorization"
        self.pages = config.is_on("organisations")
        self.scopes = PAGE_SCOPES if self.pages else SIGN_IN_SCOPES

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:  # noqa: ARG002
        """Return the token for a code of the callback."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return linkedin_api.token_for(self.config, form, now=now)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return new tokens, where LinkedIn let this site renew them; few sites may."""
        if not access.refresh:
            return super().refresh(access, now=now)
        form = {"grant_type": "refresh_token", "refresh_token": access.refresh}
        return linkedin_api.token_for(self.config, form, now=now)

    def revoke(self, access: Access) -> None:
        """Ask LinkedIn to forget this access."""
        linkedin_api.revoke(self.config, access.token)

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return what LinkedIn itself says of the access, whatever its settings page lists."""
        return linkedin_api.introspect(self.config, access.token, now=now)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the member this access speaks for, by the number this site knows them by."""
        return _identity(Session(self.config, access, now=now).member(), self.config.url("web"))

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile, which cannot count, and the pages with the member's role there."""
        session = Session(self.config, access, now=now)
        who = _identity(session.member(), self.config.url("web"))
        profile = Target(
            external_id=who.uid,
            kind="profile",
            title=who.title,
            url=who.url,
            selectable=False,
            reason=say(_PERSONAL),
        )
        if not self.pages:
            return (profile,)
        roles = linkedin_pages.roles(session)
        pages = (
            self._target(session, page, role, now, detailed=number < DETAILED)
            for number, (page, role) in enumerate(roles.items())
        )
        return (*pages, profile)

    def missing(self, access: Access, *, now: datetime) -> tuple[Cause, ...]:
        """Return why a page may not be listed: our switch, a permission, the role."""
        if not self.pages:
            return (_no_pages_here(),)
        held = self.inspect(access, now=now).scopes
        lacking = tuple(scope for scope in PAGE_SCOPES if held is not None and scope not in held)
        roles = (
            {}
            if ADMIN_SCOPE in lacking
            else linkedin_pages.roles(Session(self.config, access, now=now))
        )
        others = sorted(role for role in roles.values() if role != ADMINISTRATOR)
        return (
            Cause(
                say("A permission was not given"),
                say("LinkedIn asks for each of them when you connect."),
                say("Connect LinkedIn again and allow everything it asks."),
                holds=None if held is None else bool(lacking),
                ask=lacking,
            ),
            Cause(
                say("You do not run the page as an administrator"),
                _to_administrators(others),
                say("Ask the page's super admin for that role: Page, Settings, Manage admins."),
                holds=None if ADMIN_SCOPE in lacking else ADMINISTRATOR not in roles.values(),
            ),
            Cause(
                say("The page belongs to another LinkedIn account of yours"),
                say("LinkedIn lists the pages of the account you connected and of no other."),
                say(
                    "Sign out at LinkedIn, sign in as the account that runs the page, "
                    "and link that."
                ),
            ),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest public posts of a page with the counts of now."""
        session = Session(self.config, access, now=now)
        found = self._found(target_id, now - WINDOW, now)
        page = next(linkedin_pages.post_pages(session, found.own, size=20, most=1))
        found.posts = dict(linkedin_pages.own(page, found))
        return tuple(linkedin_pages.with_counts(session, found, lambda _said: None))

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return a page's public posts since `since` with their counts."""
        session = Session(self.config, access, now=now)
        found = self._found(target_id, since, now)
        progress(say("Asking LinkedIn for your role"))
        roles = linkedin_pages.roles(session)
        if target_id not in roles:
            code, sentence = ROLE_LOST
            raise ConnectorError(code, sentence, raw="not among organizationAcls")
        found.role = roles[target_id]
        if found.role != ADMINISTRATOR:
            role = role_in_words(found.role)
            found.limited.append(
                say("Reposts: LinkedIn shows them to super admins; you are {role}.", role=role)
            )
        linkedin_pages.read_posts(session, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(linkedin_pages.with_counts(session, found, progress)),
            followers=linkedin_pages.followers(session, target_id),
            pages=session.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def _found(self, target_id: str, since: datetime, now: datetime) -> Found:
        """Return the beginning of a reading. Raises ConnectorError for what cannot be read."""
        if not target_id.startswith(ORGANISATION):
            raise ConnectorError(Code.WRONG_ACCOUNT_TYPE, _PERSONAL)
        if not self.pages:
            raise ConnectorError(
                Code.APP_CONFIG, say("This site has switched off the pages of LinkedIn.")
            )
        return Found(own=target_id, web=self.config.url("web"), since=since, now=now)

    def _target(
        self, session: Session, page: str, role: str, now: datetime, *, detailed: bool
    ) -> Target:
        """Return a page to choose, with what LinkedIn says of it to somebody of that role."""
        runs = role == ADMINISTRATOR
        details = linkedin_pages.details(session, page) if detailed else {}
        vanity = shapes.text(details, "vanityName", 100)
        posts, last = (
            linkedin_pages.lately(session, page, now) if runs and detailed else (None, None)
        )
        title = shapes.one_line(shapes.text(details, "localizedName", 200), 120)
        return Target(
            external_id=page,
            kind="organisation",
            title=title or f"Page {page.removeprefix(ORGANISATION)}",
            url=f"{self.config.url('web')}/company/{urn(vanity)}/" if vanity else "",
            role=role_in_words(role),
            followers=linkedin_pages.followers(session, page) if runs and detailed else None,
            posts_90d=posts,
            last_post_at=last,
            selectable=runs,
            reason="" if runs else say(_NOT_ADMIN, role=role_in_words(role)),
        )


def _to_administrators(others: list[str]) -> str:
    """Return why numbers of a page are not shown; others: the roles that the member has."""
    if not others:
        return say("LinkedIn shows a page's numbers to its super admins alone.")
    return say(
        "LinkedIn shows a page's numbers to its super admins alone. The role it names for you: "
        "{role}.",
        role=role_in_words(others[0]),
    )


_NOT_ADMIN = marked(
    "You are {role} there. LinkedIn shows the numbers of a page to its super admins alone: ask one "
    "of them for that role."
)


def _no_pages_here() -> Cause:
    return Cause(
        say("This site reads no pages of LinkedIn"),
        say("LinkedIn asks every site for an approval of its own before it shows pages."),
        say("Whoever runs this site can ask LinkedIn for it. Until then, upload your numbers."),
        holds=True,
    )


def _identity(member: Record, web: str) -> Identity:
    """Return who a member is, in either of the two forms in which LinkedIn says it."""
    own = "sub" if "sub" in member else "id"
    names = (shapes.text(member, name, 60) for name in ("localizedFirstName", "localizedLastName"))
    vanity = shapes.text(member, "vanityName", 100)
    return Identity(
        uid=shapes.identifier(member, own),
        name=shapes.one_line(shapes.text(member, "name", 200) or " ".join(names), 80),
        url=f"{web}/in/{urn(vanity)}/" if vanity else "",
    )
