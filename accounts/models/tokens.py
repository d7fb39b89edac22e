"""Keys by which programs ask in a person's name, and who asked for a score by them."""

from django.db import models

from accounts.models.people import User

TOKEN_NAME = 60  # letters


class ApiToken(models.Model):
    """A key for a program. Only its hash is kept: it is shown once, when it is made.

    `begins` are its first letters, by which its person knows it again. Rows of keys that ended stay
    for a while, so that a program reads what became of its key. `form`: the page on which a person
    asked for it, which makes one.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=TOKEN_NAME)
    begins = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the whole, in hex
    form = models.UUIDField(null=True)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)  # UTC

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        constraints = [
            models.UniqueConstraint(fields=["user", "form"], name="one_token_a_form"),
        ]

    def __str__(self) -> str:
        return f"token {self.pk} of user {self.user_id}"


class ScoreAsked(models.Model):
    """How often somebody's programs asked for the score of a person on a day (UTC).

    `by` is NULL when whoever asked has left since.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="score_asked")
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    day = models.DateField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "count of who asked for a score"
        verbose_name_plural = "counts of who asked for scores"
        constraints = [
            models.UniqueConstraint(fields=["user", "day", "by"], name="asked_once_a_day")
        ]

    def __str__(self) -> str:
        return f"score of user {self.user_id} asked {self.times} times on {self.day}"
