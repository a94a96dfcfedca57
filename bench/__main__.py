"""`make bench`: prints all figures, or those named: sign_in session_check standing names."""

import asyncio
import sys

from bench import names, report, session_check, sign_in, standing
from tests.servers.postgres import new_database, serving_postgres


def main(wanted: list[str]) -> None:
    """Measure and print."""
    print(f"machine: {report.machine()}; calibration loop {report.calibration():.0f} ms CPU\n")
    if not wanted or "sign_in" in wanted:
        show(asyncio.run(sign_in.run()))
    if not wanted or "session_check" in wanted:
        with serving_postgres() as server, new_database(server) as url:
            address = url.set(drivername="postgresql").render_as_string(hide_password=False)
            show(asyncio.run(session_check.run(address)))
    if not wanted or "standing" in wanted:
        show(standing.run())
    if not wanted or "names" in wanted:
        show(asyncio.run(names.run()))
    print(f"\ncalibration loop again: {report.calibration():.0f} ms CPU")


def show(figures: list[report.Figure]) -> None:
    """Print one group as soon as it is measured."""
    print(report.table(figures), end="\n\n", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
