"""The ticker: starts the jobs of all rooms by the clock; the work itself is rows that any node may claim."""

from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from menshen.app.house import House
from menshen.kit.clock import SECOND
from menshen.kit.room import Job

log = structlog.get_logger()


class Ticker:
    """Runs each job on threads of its own; a job that breaks is noted and comes again."""

    def __init__(self, house: House) -> None:
        self._scheduler = BackgroundScheduler(
            timezone="UTC", executors={"default": {"type": "threadpool", "max_workers": 4}}
        )
        for job in house.jobs:
            self._scheduler.add_job(
                _run,
                "interval",
                [job],
                seconds=max(job.every / SECOND, 1),
                next_run_time=datetime.now(UTC),  # at start too: a house stopped nightly still sweeps and counts
                id=job.name,
                max_instances=1,
                coalesce=True,
            )

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let running jobs end, start no more."""
        self._scheduler.shutdown(wait=True)


def _run(job: Job) -> None:
    try:
        done = job.run()
    except Exception:
        log.exception("job.broke", job=job.name)
        return
    if done:
        log.debug("job.done", job=job.name, done=done)
