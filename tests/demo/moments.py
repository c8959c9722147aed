"""When the demo's desk is opened for the first time: a Monday before anybody works, and as many other moments as are asked for."""

import os
from datetime import UTC, datetime, timedelta
from random import Random

MONDAY = datetime(2026, 12, 7, 2, 10, tzinfo=UTC)
_random = Random("moments")
MOMENTS = (
    MONDAY,
    *(
        MONDAY + timedelta(minutes=_random.randrange(800 * 24 * 60))
        for _ in range(int(os.environ.get("COMPTOIR_MOMENTS", "0")))
    ),
)
