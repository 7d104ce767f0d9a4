"""Judges the features of a file batch by batch: what is taken, what is repaired, what can't be, and says it all."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from dothi.core.places.layers.reading.tables import Source
from dothi.core.places.layers.rules import columns, content, distance, mending, naming
from dothi.core.places.layers.rules.mending import Problem, Shapes
from dothi.core.places.layers.types import Bounds, Counted, Field, Remark, Report, Said, Saying, Wish

MOST_REMARKS: Final = 50
"""Of each problem; how many there are in all is counted."""
SAMPLE: Final = 5
RELATION: Final = "osm_id"
WAY: Final = "osm_way_id"
_FAR: Final[Problem] = Said(Saying.FAR), Said(Saying.AS_IT_IS)
BY_CONTENT: Final = "-"
"""Asked for as key: features are known by all that is said of them."""


class Judge:
    """Takes features and keeps what is to be said of them; numbers count from 1."""

    def __init__(self, source: Source, wish: Wish, *, crs: str, city: Bounds | None = None) -> None:
        self.read = 0
        self._city = city
        names = naming.field_names(source.titles)
        self._source = source
        self._crs = crs
        self._fields = tuple(
            Field(name, kind, title) for name, kind, title in zip(names, source.types, source.titles, strict=True)
        )
        titles = {field.name: field.title for field in self._fields}
        asked = wish.key_field
        self._key = "" if asked == BY_CONTENT else columns.choose(titles, asked, columns.KEYS, what="key-field")
        self._label = columns.choose(titles, wish.label_field, columns.LABELS, what="label-field")
        self._seen: dict[str, int] = {}
        self._kinds: Counter[str] = Counter()
        self._problems: Counter[Problem] = Counter()
        self._remarks: list[Remark] = []
        self._sample: list[dict[str, Any]] = []
        self._repaired = self._unfit = self._taken = 0
        self._bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def take(self, values: list[list[Any]], shapes: Shapes, *, wants_rows: bool) -> bytes:
        """Judge features: values [field][n], shapes [n] in WGS 84; gives those that can be taken as rows for COPY."""
        judged = mending.judge(shapes)
        wkb = shapely.to_wkb(judged.shapes, output_dimension=2, include_srid=False)
        far = self._measure(judged.shapes)
        names = [field.name for field in self._fields]
        rows = []
        for place, told in enumerate(zip(*values, strict=True) if values else [()] * len(shapes)):
            attributes = {name: value for name, value in zip(names, told, strict=True) if value is not None}
            row = self._one(place, attributes, wkb[place], judged.problems.get(place), is_far=bool(far[place]))
            if row is not None and wants_rows:
                rows.append(content.row(*row))
        self.read += len(shapes)
        return b"".join(rows)

    def _one(
        self, place: int, attributes: dict[str, Any], wkb: bytes | None, problem: Problem | None, *, is_far: bool
    ) -> tuple[str, str, bytes, bytes, bytes] | None:
        number = self.read + place + 1
        label = content.key_of(attributes.get(self._label)) if self._label else ""
        key = self._key_of(attributes)
        if problem is not None:
            self._say(number, label or key, *problem)
        if wkb is None:
            self._unfit += 1
            return None
        document = content.document(attributes)
        digest = content.digest_of(document, wkb)
        unique = self._unique(number, label or key, key, digest)
        if unique is None:
            self._unfit += 1
            return None
        if is_far:
            self._say(number, label or key, *_FAR)
        self._repaired += problem is not None
        self._taken += 1
        if len(self._sample) < SAMPLE:
            self._sample.append(attributes)
        return unique, label, digest, document, wkb

    def _key_of(self, attributes: Mapping[str, Any]) -> str:
        """Give what the source calls a feature; of OpenStreetMap's areas, some are relations and some ways."""
        if not self._key:
            return ""
        key = content.key_of(attributes.get(self._key))
        way = content.key_of(attributes.get(WAY)) if self._key == RELATION and not key else ""
        return f"way/{way}" if way else key

    def _unique(self, number: int, name: str, key: str, digest: bytes) -> str | None:
        """Give what a feature is known by, None where it can't be told apart."""
        if self._key and not key:
            self._say(number, name, Said(Saying.NO_KEY, self._key))
            return None
        unique = key or digest.hex()
        first = self._seen.setdefault(unique, number)
        if first == number:
            return unique
        if self._key:
            self._say(number, name, Said(Saying.SAME_KEY, self._key, key=key, number=first))
            return None
        again = 2
        while f"{unique}-{again}" in self._seen:
            again += 1
        self._seen[f"{unique}-{again}"] = number
        self._say(number, name, Said(Saying.SAME_CONTENT), Said(Saying.ONE_MORE))
        return f"{unique}-{again}"

    def _say(self, number: int, name: str, problem: Said, remedy: Said | None = None) -> None:
        # Of two features that are called the same, what they are called is told of each, and not counted apart.
        kind = Said(problem.code, problem.what) if problem.key else problem, remedy
        self._problems[kind] += 1
        if self._problems[kind] <= MOST_REMARKS:
            self._remarks.append(Remark(number, name, problem, remedy))

    def _measure(self, shapes: Shapes) -> NDArray[np.bool_]:
        """Take in where shapes [n] lie and of what kind they are; tells which of them are far from the city."""
        bounds = shapely.total_bounds(shapes)
        if np.isfinite(bounds).all():
            self._bounds[:2] = np.minimum(self._bounds[:2], bounds[:2])
            self._bounds[2:] = np.maximum(self._bounds[2:], bounds[2:])
        kinds = shapely.get_type_id(shapes)
        for kind, count in zip(*np.unique(kinds[kinds >= 0], return_counts=True), strict=True):
            self._kinds[_KINDS[int(kind)]] += int(count)
        if self._city is None:
            return np.zeros(len(shapes), dtype=bool)
        return distance.find_far(shapely.bounds(shapes), self._city)

    def _forget_far(self) -> None:
        """Where nothing is near, the file as a whole lies elsewhere, which is said of it and not of each feature."""
        bounds: Bounds = tuple(self._bounds.tolist())
        if self._city is not None and not distance.meets(bounds, self._city):
            self._problems.pop(_FAR, None)
            self._remarks = [each for each in self._remarks if (each.problem, each.remedy) != _FAR]

    def report(self, digest: str) -> Report:
        """Say all that was found."""
        self._forget_far()
        return Report(
            format=self._source.format,
            sublayer=self._source.sublayer,
            crs=self._crs,
            digest=digest,
            encoding=self._source.encoding,
            key_field=self._key,
            label_field=self._label,
            geometry_types=dict(self._kinds),
            fields=self._fields,
            read=self.read,
            taken=self._taken,
            repaired=self._repaired,
            unfit=self._unfit,
            problems=tuple(Counted(*kind, count) for kind, count in self._problems.most_common()),
            remarks=tuple(self._remarks),
            sample=tuple(self._sample),
            bounds=tuple(self._bounds.tolist()) if self._taken else None,
        )


_KINDS: Final = (
    "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
