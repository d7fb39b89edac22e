"""GitHub: own public repositories as posts, stars as likes, forks as reposts, issues as replies.

Stars, forks, issues and comments come with who and when. An old repository that is starred today
counts today; its stars of before are only a number and lie outside of the window.
"""

from datetime import datetime, timedelta

from accounts.connectors import github_api, shapes
from accounts.connectors.base import (
    Access,
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
from accounts.connectors.github_api import failure, words_of
from accounts.connectors.github_read import (
    OWN,
    Found,
    own_of,
    posts_of,
    read_people,
    read_repos,
    repos_of,
)
from accounts.connectors.setup import Config
from accounts.connectors.shapes import Record
from accounts.speech import say

WINDOW = timedelta(days=90)


class GitHub(Common):
    """The connector. See accounts.connectors.base.Connector for what each method promises."""

    network = "github"
    name = "GitHub"
    reads = (
        "Your own public repositories, with how many stars and forks they have.",
        "Who starred or forked them in the last 90 days and when, as a number without a name.",
        "Who opened an issue or a pull request there, or wrote a comment, the same way.",
        "How many people follow you.",
    )
    cannot_read = (
        "Private repositories: we ask for no permission, so GitHub does not show them to us.",
        "Repositories of organisations, copies (forks) you made, gists, discussions: left out.",
        "Who follows you since when, and how many follow those who react: GitHub does not list it.",
        "Who starred a repository with more than 40,000 stars: only how many.",
    )
    consent_lasts = (
        "Until you take it back, here or in GitHub's settings under Applications. GitHub ends an "
        "access that is not used for a year."
    )

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.authorize_url = f"{config.url('web')}/login/oauth/authorize"

    def exchange(self, code: str, *, redirect_uri: str, verifier: str, now: datetime) -> Tokens:
        """Return the tokens for a code of the callback."""
        form = {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        return github_api.token_for(self.config, form, now=now)

    def refresh(self, access: Access, *, now: datetime) -> Tokens:
        """Return new tokens; only keys of a GitHub App end, those of an OAuth app do not."""
        if not access.refresh:
            return super().refresh(access, now=now)
        form = {"grant_type": "refresh_token", "refresh_token": access.refresh}
        return github_api.token_for(self.config, form, now=now)

    def identity(self, access: Access, *, now: datetime) -> Identity:
        """Return the account this access speaks for; its number never changes, its name may."""
        api = github_api.session(self.config, access.token, now=now)
        return _identity(github_api.account(api))

    def inspect(self, access: Access, *, now: datetime) -> Inspection:
        """Return what GitHub says about the token when this site asks in its own name."""
        answer = github_api.about_token(self.config, "POST", access.token, now=now)
        if answer.status in {404, 422}:
            return Inspection(active=False, words=words_of(answer))
        if answer.status != 200:
            raise failure(answer, now)
        said = shapes.record(answer.json())
        scopes = said.get("scopes") if isinstance(said.get("scopes"), list) else []
        return Inspection(
            active=True,
            scopes=tuple(scope for scope in scopes or [] if isinstance(scope, str)),
            expires_at=shapes.moment(said, "expires_at"),
        )

    def revoke(self, access: Access) -> None:
        """Ask GitHub to forget this token, and no other that the person gave us."""
        answer = github_api.about_token(self.config, "DELETE", access.token)
        if answer.status not in {204, 404, 422}:  # the latter two: it knows no such token
            raise failure(answer)

    def targets(self, access: Access, *, now: datetime) -> tuple[Target, ...]:
        """Return the profile, the only thing an access without permissions speaks for."""
        api = github_api.session(self.config, access.token, now=now)
        account = github_api.account(api)
        found = Found(own_id=shapes.identifier(account, "id"), since=now - WINDOW, now=now)
        page = next(api.linked_pages(repos_of(account), OWN, most=1))
        times = [repo.post.created_at for repo in own_of(page.items, account, found)]
        whole = not page.more or (bool(times) and min(times) < now - WINDOW)
        who = _identity(account)
        return (
            Target(
                external_id=who.uid,
                kind="profile",
                title=who.title,
                url=who.url,
                followers=shapes.count(account, "followers"),
                posts_90d=sum(at >= now - WINDOW for at in times) if whole else None,
                last_post_at=max(times, default=None),
                reason="" if times else say("There is no public repository of your own yet."),
            ),
        )

    def newest(self, access: Access, target_id: str, *, now: datetime) -> tuple[Post, ...]:
        """Return the newest own repositories with the counts of now."""
        api = github_api.session(self.config, access.token, now=now)
        account = _checked(github_api.account(api), target_id)
        found = Found(own_id=target_id, since=now - WINDOW, now=now)
        page = next(api.linked_pages(repos_of(account), {**OWN, "per_page": 20}, most=1))
        return tuple(repo.post for repo in own_of(page.items, account, found))

    def read(
        self, access: Access, target_id: str, *, since: datetime, now: datetime, progress: Progress
    ) -> Reading:
        """Return repositories made, pushed to or acted on since `since`, and who acted."""
        api = github_api.session(self.config, access.token, now=now)
        account = _checked(github_api.account(api), target_id)
        found = Found(own_id=target_id, since=since, now=now)
        read_repos(api, account, found, progress)
        read_people(api, found, progress)
        return Reading(
            since=found.since,
            posts=tuple(posts_of(found)),
            interactions=tuple(found.acts.values()),
            followers=shapes.count(account, "followers"),
            pages=api.calls,
            left_out=dict(found.left_out),
            limited=tuple(found.limited),
        )

    def front(self, access: Access) -> str:  # noqa: ARG002
        """Return the one address that no limit counts."""
        return f"{self.config.url('api')}/rate_limit"


def _identity(account: Record) -> Identity:
    return Identity(
        uid=shapes.identifier(account, "id"),
        username=shapes.text(account, "login", 60),
        name=shapes.one_line(shapes.text(account, "name", 200), 60),
        url=shapes.link(account, "html_url"),
    )


def _checked(account: Record, target_id: str) -> Record:
    """Return the account. Raises ConnectorError when the access speaks for another one."""
    if shapes.identifier(account, "id") != target_id:
        raise ConnectorError(
            Code.SOURCE_NOT_GRANTED, say("This access speaks for another account on GitHub.")
        )
    return account
