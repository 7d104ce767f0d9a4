"""The flags of results that lie side by side in columns, as an import has them."""

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection

from dothi.core.observations.quality.judge import Judge, Results
from dothi.core.observations.types import Quality

Integers = NDArray[np.int64]


async def flags_of(
    judge: Judge,
    connection: AsyncConnection,
    *,
    streams: Integers,
    times: Integers,
    values: NDArray[np.float64],
) -> Integers | None:
    """Give the flag of each result, None where no Datastream has a configuration.

    All arrays have one element for each result: the Datastream's id, microseconds since 1970, and the value or NaN where
    it is no number. The Datastreams must be locked.
    """
    judging = await judge.prepare(connection, set(np.unique(streams).tolist()))
    if not judging:
        return None
    flags = np.full(len(streams), Quality.NOT_EVALUATED, dtype=np.int64)
    chosen = np.flatnonzero(np.isin(streams, list(judging)) & ~np.isnan(values))
    chosen = chosen[np.lexsort((times[chosen], streams[chosen]))]
    ids, starts = np.unique(streams[chosen], return_index=True)
    parts = np.split(chosen, starts[1:]) if len(ids) else []
    results: Results = {
        int(found): ((times[part] / 1e6).tolist(), values[part].tolist())
        for found, part in zip(ids, parts, strict=True)
    }
    found = await judge.judge_results(connection, results, judging)
    for stream, part in zip(ids, parts, strict=True):
        flags[part] = found[int(stream)]
    return flags
