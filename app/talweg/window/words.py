"""Numbers and times as people read them. Free of Qt."""

import datetime
import math
import re
import time

from talweg.picture import format_value

_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def duration(seconds: float) -> str:
    """Write a time span: "8 s", "2 min 5 s", "3 h 12 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes < 10 else f"{minutes} min"


def ago(moment: float, now: float | None = None) -> str:
    """Write when something was: "just now", "12 minutes ago", "3 hours ago", "yesterday", "4 days ago", "2026-03-01".

    Args:
        moment: Seconds since the epoch.
        now: The same; None: the clock's.
    """
    now = time.time() if now is None else now
    seconds = now - moment
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return count(int(seconds // 60), "minute") + " ago"
    then, today = (datetime.datetime.fromtimestamp(each).astimezone().date() for each in (moment, now))
    days = (today - then).days
    if days == 0:
        return count(int(seconds // 3600), "hour") + " ago"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 7 else then.isoformat()


def coordinate(value: float) -> str:
    """Write a plane coordinate with three decimals and a proper minus sign; nothing else moves while it changes."""
    return f"{value:.3f}".replace("-", "−") if math.isfinite(value) else "–"


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 1 in percent."""
    return f"{100 * share:.{digits}f} %"


def number(value: float | None, digits: int = 4) -> str:
    """Write a number, or a dash where there is none."""
    return "–" if value is None or math.isnan(value) else format_value(value, digits)


def count(many: int, singular: str, plural: str | None = None) -> str:
    """Write how many there are: "1 saddle", "3 minima"."""
    return f"{many} {singular if many == 1 else plural or singular + 's'}"


def quote(text: str) -> str:
    """Write what somebody typed, for the end of a sentence that says what was expected instead."""
    plain = text.strip()
    return f"“{plain if len(plain) <= 24 else plain[:23] + '…'}”" if plain else "nothing"


def parse_number(text: str) -> float | None:
    """Read a number as people type it and as Talweg writes it: "1,5", "−2", "1e-4", "3.2·10⁷".

    Args:
        text: What was typed.

    Returns:
        The number, or None where it is none or not finite.
    """
    plain = text.strip().replace("−", "-").replace(",", ".")
    if match := re.fullmatch(r"(-?)(?:([\d.]+)·)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", plain):
        plain = f"{match[1]}{match[2] or 1}e{match[3].translate(_DIGITS)}"
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
