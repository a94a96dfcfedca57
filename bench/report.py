"""How figures are told: what was measured, its bound, and a calibration loop beside absolute ones."""

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure with the bound it is held to."""

    name: str
    value: float
    unit: str
    bound: str
    met: bool
    note: str = ""


def at_least(name: str, value: float, least: float, unit: str = "", note: str = "") -> Figure:
    """A figure that should be no smaller."""
    return Figure(name, value, unit, f"at least {least:g}", value >= least, note)


def at_most(name: str, value: float, most: float, unit: str = "", note: str = "") -> Figure:
    """A figure that should be no larger."""
    return Figure(name, value, unit, f"at most {most:g}", value <= most, note)


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """The median of several runs."""
    return statistics.median(measure() for _ in range(runs))


def calibration() -> float:
    """Milliseconds of CPU that a fixed loop takes here: what absolute figures of other machines compare by."""
    start = time.process_time()
    total = 0
    for number in range(2_000_000):
        total += number & 7
    return (time.process_time() - start) * 1000


def machine() -> str:
    """The machine in a line."""
    cores = len(__import__("os").sched_getaffinity(0))
    return f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}"


def table(figures: list[Figure]) -> str:
    """All figures as a Markdown table."""
    lines = ["| figure | measured | bound | |", "|---|---|---|---|"]
    for each in figures:
        value = f"{each.value:,.2f}" if each.value < 100 else f"{each.value:,.0f}"
        verdict = "met" if each.met else "**missed**"
        lines.append(
            f"| {each.name}{f' ({each.note})' if each.note else ''} | {value} {each.unit} | {each.bound} | {verdict} |"
        )
    return "\n".join(lines)
