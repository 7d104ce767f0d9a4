"""What a quality configuration says, in the words of ioos-qc's QARTOD tests."""

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

Span = tuple[float, float]
Positive = Annotated[float, Meta(gt=0)]
Seconds = Annotated[int, Meta(ge=1, le=7 * 86_400)]


class GrossRange(Struct, frozen=True, forbid_unknown_fields=True):
    """Bad outside of `fail_span`, suspect outside of `suspect_span`; both in the unit of the result."""

    fail_span: Span
    suspect_span: Span | None = None


class RateOfChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Suspect, or bad, where the result differs from the one before by more than so many units a second."""

    threshold: Positive
    fail_threshold: Positive | None = None


class FlatLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Suspect, or bad, where all results of so many seconds lie closer together than `tolerance` units."""

    suspect_threshold: Seconds
    fail_threshold: Seconds
    tolerance: Positive


class Spike(Struct, frozen=True, forbid_unknown_fields=True):
    """Suspect, or bad, where a result stands out from the one before and the one after by more than so many units."""

    suspect_threshold: Positive | None = None
    fail_threshold: Positive | None = None
    method: Literal["average", "differential"] = "average"


class Configuration(Struct, frozen=True, forbid_unknown_fields=True):
    """The tests that the results of a Datastream are put to; equal configurations are judged together."""

    gross_range_test: GrossRange | None = None
    rate_of_change_test: RateOfChange | None = None
    flat_line_test: FlatLine | None = None
    spike_test: Spike | None = None

    @property
    def looks_back(self) -> bool:
        """Whether a test needs the result before."""
        return bool(self.rate_of_change_test or self.flat_line_test or self.spike_test)


class Stretches(NamedTuple):
    """Results of several Datastreams end to end, each Datastream's in the order of their times (seconds since 1970).

    Of the stretch of each Datastream, `sizes` says how long it is and `known` how many of its first results are stored
    already. A Datastream may have two stretches that have nothing to do with each other.
    """

    times: list[float]
    values: list[float]
    sizes: list[int]
    known: list[int]
