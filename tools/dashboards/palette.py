"""What a colour means on a board: red is kept for what is overdue, so that it is seen at once."""

from grafana_foundation_sdk.models import dashboard

RED, ORANGE, YELLOW, GREEN, BLUE, GREY = "red", "orange", "yellow", "green", "blue", "text"


def steps(start: str, *levels: tuple[float, str]) -> dashboard.ThresholdsConfig:
    """Make thresholds: the colour below the first level, then each level with its colour."""
    return dashboard.ThresholdsConfig(
        dashboard.ThresholdsMode.ABSOLUTE,
        [dashboard.Threshold(None, start), *(dashboard.Threshold(value, colour) for value, colour in levels)],
    )


def plain() -> dashboard.ThresholdsConfig:
    """A figure that is neither good nor bad."""
    return steps(BLUE)


def overdue() -> dashboard.ThresholdsConfig:
    """Anything overdue is red; nothing else on a board is."""
    return steps(GREEN, (1, RED))


def faults(some: float = 1) -> dashboard.ThresholdsConfig:
    """Something is wrong from `some` on: orange, for nobody's limit has passed because of it yet."""
    return steps(GREEN, (some, ORANGE))


def waiting(soon: float, long: float) -> dashboard.ThresholdsConfig:
    """Something waits: yellow from `soon` on, orange from `long` on."""
    return steps(GREEN, (soon, YELLOW), (long, ORANGE))


def left(none: float, little: float) -> dashboard.ThresholdsConfig:
    """Time or stock that is left: orange below `none`, yellow below `little`."""
    return steps(ORANGE, (none, YELLOW), (little, GREEN))


def kept() -> dashboard.ThresholdsConfig:
    """The share that was kept: orange below 80 %, yellow below 95 %. Low is no reason for red; what is overdue is."""
    return left(0.8, 0.95)


def times_left() -> dashboard.ThresholdsConfig:
    """Seconds to the next due time: orange below half an hour, yellow below three hours."""
    return left(1800, 3 * 3600)
