"""The person of a token: profile, topics, and who asked for their score."""

from typing import Any

from django.utils.translation import gettext as _
from ninja import Router

from accounts import asked as asking
from accounts import handles
from accounts.models import Profile
from scoring import plusk, topics, words
from scoring.api import schemas
from scoring.api.callers import ApiRequest, asks
from scoring.api.problems import Problem
from scoring.engine.topics.taxonomy import taxonomy
from scoring.views import taxonomy as names

router = Router(tags=["You"])


@router.get("/me", response=schemas.Me, summary="Who you are here", **asks("profile:read"))
def me(request: ApiRequest) -> schemas.Me:
    """Your profile, and who may see what of it."""
    user = request.auth.person
    profile = Profile.objects.filter(user=user).first() or Profile(user=user)
    shows: dict[str, Any] = {name: getattr(profile, name) or "nobody" for name in schemas.AUDIENCES}
    return schemas.Me(
        handle=handles.current(user),
        name=user.display_name,
        about=profile.bio,
        time_zone=user.time_zone,
        language=user.language,
        look=user.theme,
        findable=profile.findable,
        indexed=profile.indexed,
        **shows,
    )


@router.get("/me/topics", response=schemas.Topics, summary="Your topics", **asks("topics:read"))
def my_topics(request: ApiRequest) -> schemas.Topics:
    """What you are known for, in the order in which it is shown."""
    user_id = request.auth.person.pk
    counts = plusk.totals_of(user_id)
    return schemas.Topics(topics=[_own(one, counts) for one in topics.of_person(user_id)])


@router.get(
    "/me/topics/{topic}",
    response=schemas.TopicEvidence,
    summary="What led to a topic",
    **asks("topics:read"),
)
def my_topic(request: ApiRequest, topic: str) -> schemas.TopicEvidence:
    """Posts that led to one of your topics, the largest first; they and the rest add up."""
    user_id = request.auth.person.pk
    if taxonomy().get(topic) is None:
        said = _("There is no topic of this name. Search for it among all topics.")
        raise Problem("not-found", said)
    grounds = topics.evidence_of(user_id, topic)
    return schemas.TopicEvidence(
        topic=topic,
        name=names.name_of(topic),
        told=any(one.slug == topic for one in topics.of_person(user_id)),
        hidden=topic in topics.hidden(user_id),
        strength=grounds.score.strength if grounds else None,
        posts=[_evidence(one) for one in grounds.posts] if grounds else [],
        rest_strength=grounds.rest if grounds else 0.0,
        rest_posts=grounds.rest_posts if grounds else 0,
    )


@router.get(
    "/me/access",
    response=schemas.AccessLog,
    summary="Who asked for your score",
    **asks("profile:read"),
)
def access_log(request: ApiRequest) -> schemas.AccessLog:
    """Whose programs asked for your score with a token, by day."""
    told = asking.of_person(request.auth.person, now=request.auth.now)
    return schemas.AccessLog(
        asked=[
            schemas.Asked(day=one.day, who=one.who, handle=one.handle, times=one.times)
            for one in told
        ]
    )


def _own(one: topics.Shown, counts: dict[str, float]) -> schemas.OwnTopic:
    score = one.score
    return schemas.OwnTopic(
        topic=one.slug,
        name=names.name_of(one.slug),
        mark=one.kind,
        plusk=counts.get(one.slug, 0),
        place=score.place if score else None,
        population=score.population if score else None,
        added=one.added,
        strength=score.strength if score else None,
        share_percent=100 * score.share if score else None,
        posts=score.posts if score else 0,
        people=score.people if score else 0,
        reactions=score.reactions if score else 0,
        as_of=score.as_of if score else None,
    )


def _evidence(ground: topics.Ground) -> schemas.Evidence:
    return schemas.Evidence(
        text=ground.post.excerpt,
        url=words.linkable(ground.post.url),
        posted_at=ground.post.created_at,
        strength=ground.term,
        because=list(ground.because.values()),
        reactions=dict(ground.reactions),
    )
