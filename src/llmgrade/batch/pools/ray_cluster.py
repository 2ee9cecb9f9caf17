"""Ray: more than one machine (the extra ``llmgrade[ray]``).

One Ray task a shard; inside it runs the local pool, so that a spinning or crashing job costs itself alone on any machine.
Ray sends the shard again when its node is lost. Only the driver writes results.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from llmgrade.batch.model import Job, Outcome, Settings, Shard
from llmgrade.batch.work import Assignment
from llmgrade.errors import UsageError

__all__ = ["RayCluster"]

WAIT = 5.0
"""Seconds for a cluster to answer at all."""
RETRIES = 20
"""How often a shard is sent again when its node or worker is lost."""


def _shard(shard: Shard, jobs: Sequence[Job], assignment: Assignment, settings: Settings) -> list[list[Outcome]]:
    from llmgrade.batch.pools.local import Local

    ((_, outcomes),) = Local().run([(shard, jobs)], assignment, settings)
    return outcomes


def _reach(address: str | None) -> None:
    """Say within seconds what Ray says after minutes: that nobody is at ``HOST:PORT`` (``auto`` is for Ray to find)."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=WAIT).close()
    except (OSError, OverflowError) as error:
        raise UsageError(f"no Ray cluster at `{address}`: {error}") from None


class RayCluster:
    """The engine for a Ray cluster."""

    def run(
        self, work: Iterable[tuple[Shard, Sequence[Job]]], assignment: Assignment, settings: Settings
    ) -> Iterator[tuple[Shard, list[list[Outcome]]]]:
        """See `pools.model.Engine`; ``settings.address`` is the cluster's, None starts one on this machine."""
        from dataclasses import replace

        try:
            import ray
        except ImportError:
            raise UsageError("the engine `ray` needs the extra: pip install 'llmgrade[ray]'") from None
        started = not ray.is_initialized()
        if started:
            _reach(settings.address)
            try:
                ray.init(address=settings.address, log_to_driver=False, logging_level=logging.ERROR)
            except ConnectionError as error:
                raise UsageError(f"no Ray cluster at `{settings.address}`: {error}") from None
        remote: Any = ray.remote(max_retries=RETRIES, retry_exceptions=False)(_shard)
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        told, here = ray.put(assignment), replace(settings, workers=1)
        ahead = max(2, 2 * int(resources.get("CPU", settings.workers)))
        running: dict[Any, Shard] = {}
        source = iter(work)
        try:
            while True:
                while len(running) < ahead and (taken := next(source, None)) is not None:
                    running[remote.remote(taken[0], taken[1], told, here)] = taken[0]
                if not running:
                    return
                done, _ = ray.wait(list(running), num_returns=1)
                for reference in done:
                    yield running.pop(reference), ray.get(reference)
        finally:
            for reference in running:
                ray.cancel(reference, force=True)
            if started:
                ray.shutdown()
