"""Puts the rows of a batch to the quality tests of their Datastreams."""

import numpy as np
from psycopg import AsyncConnection

from dothi.core.observations.importing.rules import column_or
from dothi.core.observations.importing.types import Rows
from dothi.core.observations.quality.judge import Judge, Judging, Results
from dothi.core.observations.types import Quality


async def flag(connection: AsyncConnection, judge: Judge, rows: Rows, judging: Judging) -> Rows:
    """Give rows, which are in the order of time, with their flags; one that came with a flag keeps it.

    The Datastreams must be locked, as for the record's writer.
    """
    if not judging or rows.result is None:
        return rows
    quality = column_or(rows.quality, len(rows), Quality.NOT_EVALUATED).copy()
    judged = np.isin(rows.series, list(judging)) & ~np.isnan(rows.result) & (quality == Quality.NOT_EVALUATED)
    places = np.flatnonzero(judged)
    places = places[np.argsort(rows.series[places], kind="stable")]
    streams, starts = np.unique(rows.series[places], return_index=True)
    parts = dict(zip(streams.tolist(), np.split(places, starts[1:]), strict=True))
    results: Results = {
        stream: ((rows.time[part] / 1_000_000).tolist(), rows.result[part].tolist()) for stream, part in parts.items()
    }
    for stream, flags in (await judge.judge_results(connection, results, judging)).items():
        quality[parts[stream]] = flags
    return Rows(**rows.columns() | {"quality": quality})
