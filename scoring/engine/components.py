"""From evidence to True Reach, Amplification and Network Impact.

    a_e = sum of effort * decay over what actor e did       b_e = the same over passing-on acts
    R = sum c_e (1 - exp(-a_e))         + o * sum over posts of (people counted * decay)
    A = sum c_e ln(1 + b_e)             + o * sum over posts of (passing-on acts counted * decay)
    N = sum c_e (1 - exp(-a_e)) q_e/q0  + o * sum over posts of (people counted * decay) * q/q0

An actor's own sum saturates: one person cannot be many. What is only counted cannot: of the people
under a post the largest count over kinds is taken, because likers and commenters overlap.
"""

from dataclasses import dataclass

import numpy as np

from scoring.engine.arrays import KINDS, Evidence, Floats, Ints
from scoring.engine.decay import decay
from scoring.engine.groups import group_of, ordered, pair_key, settle, source_rows, starts_of, sums
from scoring.engine.params import Params


@dataclass(frozen=True, slots=True)
class Sums:
    """Evidence summed up as far as no unknown enters: what people did, and what was counted.

    Known actors (g rows, one per author and actor) and posts with tallies (p rows, one per author,
    source and post), each ordered by author.
    """

    author: Ints  # (g,)
    acted: Floats  # (g,) a_e
    passed: Floats  # (g,) b_e
    credibility: Floats  # (g,) NaN = not known
    influence: Floats  # (g,) NaN = not known
    t_author: Ints  # (p,)
    heads: Floats  # (p,) people counted, decayed
    carried: Floats  # (p,) passing-on acts counted, with effort, decayed
    people: Ints  # (authors,) who acted, known and counted, not decayed
    posts: Ints  # (authors,) posts with a reaction in the window


@dataclass(frozen=True, slots=True)
class Components:
    """The sums R, A and N of each author, with how much evidence is behind them."""

    reach: Floats
    amplification: Floats
    network: Floats
    people: Ints
    posts: Ints


def components(evidence: Evidence, params: Params, as_of_us: int) -> Components:
    """Return R, A and N of each author at `as_of_us`."""
    return assemble(aggregate(evidence, params, as_of_us), params)


def assemble(total: Sums, params: Params) -> Components:
    """Return R, A and N from sums; unknown credibility and influence are those of `params`."""
    size = len(total.people)
    credibility, influence = filled(total.credibility, total.influence, params)
    reached = credibility * -np.expm1(-total.acted)
    known_reach = sums(total.author, reached, size)
    known_network = sums(total.author, reached * (influence / params.typical_influence), size)
    known_carried = sums(total.author, credibility * np.log1p(total.passed), size)
    heads = params.overlap * sums(total.t_author, total.heads, size)
    return Components(
        reach=known_reach + heads,
        amplification=known_carried + params.overlap * sums(total.t_author, total.carried, size),
        network=known_network + heads * (params.unknown_influence / params.typical_influence),
        people=total.people,
        posts=total.posts,
    )


def filled(credibility: Floats, influence: Floats, params: Params) -> tuple[Floats, Floats]:
    """Return credibility and influence with the values of `params` where they are not known."""
    return (
        np.where(np.isnan(credibility), params.unknown_credibility, credibility),
        np.where(np.isnan(influence), params.unknown_influence, influence),
    )


def aggregate(evidence: Evidence, params: Params, as_of_us: int) -> Sums:
    """Return the evidence of each author summed up at `as_of_us`.

    Raises ValueError when a row names a source that has no clock.
    """
    known = _known(evidence, params, as_of_us)
    seen = counted(evidence, params, as_of_us)
    authors = evidence.authors
    people = np.bincount(known.author, minlength=authors) + np.rint(
        sums(seen.author, seen.people, authors)
    ).astype(np.int64)
    touched = _distinct(
        np.concatenate((known.post_author, seen.author)),
        np.concatenate((known.post, seen.post)),
    )
    return Sums(
        author=known.author,
        acted=known.acted,
        passed=known.passed,
        credibility=known.credibility,
        influence=known.influence,
        t_author=seen.author,
        heads=seen.heads,
        carried=seen.carried,
        people=people,
        posts=np.bincount(touched, minlength=authors),
    )


def worth(evidence: Evidence, params: Params, as_of_us: int, source: Ints, at: Ints) -> Floats:
    """Return decay * weight of the source for rows of `source` seen at `at`; 0 = does not count.

    A source's evidence is as old as the source's own clock says.
    """
    row = source_rows(evidence.source_id, source)
    now = np.minimum(evidence.source_clock, as_of_us)
    return decay(now[row] - at, params) * evidence.source_weight[row]


@dataclass(frozen=True, slots=True)
class _Known:
    author: Ints  # (g,) and so on, one per author and actor
    acted: Floats
    passed: Floats
    credibility: Floats
    influence: Floats
    post_author: Ints  # (r,) one per act that counts
    post: Ints


def _known(evidence: Evidence, params: Params, as_of_us: int) -> _Known:
    """Return what known people did, summed by author and actor."""
    weight = worth(evidence, params, as_of_us, evidence.source, evidence.at)
    value = weight * np.asarray(params.effort)[evidence.kind]
    live = np.flatnonzero(weight > 0)
    key, stride = pair_key(evidence.author[live], evidence.actor[live])
    # Within an actor the rows are added in the order of their worth, whatever order they came in.
    order = ordered(key, value[live])
    rows = live[order]
    key, value = key[order], value[rows]
    passing = np.asarray(params.passing_on)[evidence.kind[rows]]
    starts = starts_of(key)
    group = group_of(starts, len(key))
    size = len(starts)
    return _Known(
        author=key[starts] // stride,
        acted=sums(group, value, size),
        passed=sums(group, value * passing, size),
        credibility=best(evidence.credibility[rows], starts),
        influence=best(evidence.influence[rows], starts),
        post_author=evidence.author[live],
        post=evidence.post[live],
    )


def best(values: Floats, starts: Ints) -> Floats:
    """Return the largest known value of each group; NaN when none is known."""
    if not len(starts):
        return np.empty(0, np.float64)
    return np.asarray(np.fmax.reduceat(values, starts), np.float64)


@dataclass(frozen=True, slots=True)
class Counted:
    """What strangers did about posts: only their number is known."""

    author: Ints  # (p,) and so on, one per author, source and post
    post: Ints
    heads: Floats  # people, decayed: the largest count over kinds
    carried: Floats  # passing-on acts, with effort, decayed
    people: Floats  # as heads, not decayed
    reactions: Floats  # of all kinds, not decayed


def counted(evidence: Evidence, params: Params, as_of_us: int) -> Counted:
    """Return what was only counted, summed by post. Posts of which nothing is left are left out."""
    weight = worth(evidence, params, as_of_us, evidence.t_source, evidence.t_at)
    live = np.flatnonzero(weight > 0)
    unit, _ = pair_key(evidence.t_author[live], evidence.t_source[live])
    unit, _ = pair_key(unit, evidence.t_post[live])
    key, _ = pair_key(unit, evidence.t_kind[live])
    order = np.lexsort((-evidence.t_count[live], evidence.t_at[live], key))
    rows, key, unit = live[order], key[order], unit[order]
    starts = starts_of(key)
    group = group_of(starts, len(rows))
    left = settle(evidence.t_count[rows], starts)
    decayed = sums(group, left * weight[rows], len(starts))
    heads = sums(group, left, len(starts))

    kind = evidence.t_kind[rows][starts]
    posts = starts_of(unit[starts])
    first = rows[starts][posts]
    carrying = np.asarray(params.effort)[kind] * np.asarray(params.passing_on)[kind]
    of_post = group_of(posts, len(starts))
    carried = sums(of_post, decayed * carrying, len(posts))
    some = np.flatnonzero(_largest(heads, posts) > 0)
    return Counted(
        author=evidence.t_author[first][some],
        post=evidence.t_post[first][some],
        heads=_largest(decayed, posts)[some],
        carried=carried[some],
        people=_largest(heads, posts)[some],
        reactions=sums(of_post, heads, len(posts))[some],
    )


def _largest(values: Floats, starts: Ints) -> Floats:
    return np.maximum.reduceat(values, starts) if len(starts) else np.empty(0, np.float64)


def _distinct(author: Ints, post: Ints) -> Ints:
    """Return the author of each post that occurs; post 0 is the account itself, no post."""
    key, stride = pair_key(author[post > 0], post[post > 0])
    key = np.sort(key)
    return key[starts_of(key)] // stride


assert len(KINDS) == len(Params().effort)
