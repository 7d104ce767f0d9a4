"""For how long lamps were out while light was due."""

from collections.abc import Iterable, Sequence

import numpy as np

from dothi.domains.lighting.rules.days import Spans, length_h
from dothi.domains.lighting.types.energy import Fleet
from dothi.domains.lighting.types.schedule import Floats


def failed_hours(fleet: Fleet, dark: Iterable[tuple[int, Spans]], lit: Sequence[Spans]) -> Floats:
    """Give the hours `[lamps]` in which light was due and a lamp was out.

    `dark` says, as (Thing, spans), when lamps were found out, `lit` when light was due by cabinet; in seconds of Unix
    time. What is said of a lamp twice for one time counts once; Things that aren't in the fleet are left out.
    """
    place_of = {int(lamp_id): place for place, lamp_id in enumerate(fleet.ids.tolist())}
    of_lamp: dict[int, Spans] = {}
    for thing_id, spans in dark:
        if thing_id in place_of:
            of_lamp.setdefault(place_of[thing_id], []).extend(spans)
    failed = np.zeros(len(fleet.ids))
    for place, spans in of_lamp.items():
        failed[place] = length_h(common(merged(spans), lit[int(fleet.cabinet[place])]))
    return failed


def watched_hours(fleet: Fleet, lit: Sequence[Spans], watched: tuple[float, float] | None) -> Floats:
    """Give the hours `[lamps]` in which light was due and faults were looked for; none if they never were."""
    if watched is None:
        return np.zeros(len(fleet.ids))
    by_cabinet = np.array([length_h(common([watched], spans)) for spans in lit])
    return by_cabinet[fleet.cabinet] if len(by_cabinet) else np.zeros(len(fleet.ids))


def merged(spans: Spans) -> Spans:
    """Give the same time as spans that don't overlap, in order."""
    found: Spans = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def common(some: Spans, others: Spans) -> Spans:
    """Give the time that lies in both; neither overlaps itself."""
    cut = ((max(one[0], other[0]), min(one[1], other[1])) for one in some for other in others)
    return [span for span in cut if span[0] < span[1]]
