"""Pictures of campaigns: looked at before they are opened, and drawn anew by us.

What is kept holds the points of the picture and nothing else: no place, no camera, no script.
"""

import hashlib
import io
import warnings
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts import written
from perks.acts import lock, note, refuse
from perks.models import CampaignPicture

MOST_BYTES = 5 * 1024 * 1024
MOST_POINTS = 40_000_000
SIZE = (1200, 900)  # kept, at most
FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 82


@transaction.atomic
def keep(
    *, campaign_id: int, data: bytes, alt: str, actor_id: int | None, now: datetime
) -> CampaignPicture:
    """Keep the picture of a campaign in place of the one before. Raises CampaignError.

    alt: what it shows, for whoever does not see it.
    """
    campaign = lock(campaign_id)
    if written.hides(alt):
        refuse(str(written.REFUSAL), "alt")
    alt = written.line(alt)
    if not 0 < len(alt) <= 200:
        refuse(_("Say in up to 200 characters what the picture shows."), "alt")
    drawn, (width, height) = redrawn(data)
    kept, _new = CampaignPicture.objects.update_or_create(
        campaign=campaign,
        defaults={
            "data": drawn,
            "digest": hashlib.sha256(drawn).hexdigest(),
            "width": width,
            "height": height,
            "alt": alt,
        },
    )
    note(campaign, actor_id, "picture", now, digest=kept.digest)
    return kept


def redrawn(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """Return a picture as WebP of at most SIZE, and how large it is. Raises CampaignError."""
    if len(data) > MOST_BYTES:
        refuse(_("The picture has more than 5 MB. Make it smaller."), "picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_POINTS:
                    refuse(_("The picture has more than 40 million points."), "picture")
                opened.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))
                image = ImageOps.exif_transpose(opened).convert("RGB")
    except UnidentifiedImageError:
        refuse(_("This is no JPEG, PNG or WebP picture."), "picture")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        refuse(_("The picture has more than 40 million points."), "picture")
    except (OSError, SyntaxError, ValueError, EOFError):
        refuse(_("The picture is damaged: it cannot be opened to its end."), "picture")
    image.thumbnail(SIZE)
    drawn = io.BytesIO()
    image.save(drawn, "WEBP", quality=_QUALITY)
    return drawn.getvalue(), image.size
