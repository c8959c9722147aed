"""A step chart drawn as SVG on the server: what is left to promise over time."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from comptoir.catalog.shelves import Level

WIDTH, HEIGHT = 640, 150
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 22
LEAST_DAYS = 42
STEPS = tuple(Decimal(step) for step in ("1", "1.2", "1.6", "2", "2.4", "3", "4", "5", "6", "8", "10"))


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis: where it is and what it says."""

    at: float
    value: date | Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    """Finished geometry in a box of 640 × 150."""

    line: str
    area: str
    days: list[Tick]
    amounts: list[Tick]
    wanted_at: float | None
    marked_at: float | None


def steps(levels: list[Level], start: date, wanted: Decimal | None = None, marked: date | None = None) -> Chart:
    """The chart of levels from a day on; `wanted` is a quantity and `marked` a day to draw in."""
    days = [level.on for level in levels] + ([marked] if marked else [])
    span = max([LEAST_DAYS, *((day - start).days + 7 for day in days)])
    top = nice(max([Decimal(1), wanted or Decimal(0), *(level.available for level in levels)]))

    def x(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * max((day - start).days, 0) / span, 1)

    def y(amount: Decimal) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * float(max(amount, Decimal(0)) / top), 1)

    line = _path([(x(level.on), y(level.available)) for level in levels])
    every = max(span // 6 // 7, 1) * 7
    ticks = [start + timedelta(days=n) for n in range(0, span - every // 3, every)]
    return Chart(
        line=line,
        area=f"{line} V{HEIGHT - BOTTOM} H{LEFT} Z",
        days=[Tick(x(day), day) for day in ticks],
        amounts=[Tick(y(amount), amount) for amount in (Decimal(0), top / 2, top)],
        wanted_at=y(wanted) if wanted else None,
        marked_at=x(marked) if marked and marked >= start else None,
    )


def _path(points: list[tuple[float, float]]) -> str:
    """Each level holds until the next one begins, the last one to the end."""
    if not points:
        return f"M{LEFT} {HEIGHT - BOTTOM} H{WIDTH - RIGHT}"
    first, *rest = points
    return f"M{first[0]} {first[1]}" + "".join(f" H{x} V{y}" for x, y in rest) + f" H{WIDTH - RIGHT}"


def nice(most: Decimal) -> Decimal:
    """The next round number above, two significant digits at most."""
    power = Decimal(10) ** (len(str(int(most))) - 1)
    return next(power * step for step in STEPS if power * step >= most)
