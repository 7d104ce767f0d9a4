"""The queries of air's own table."""

from collections.abc import Sequence

import msgspec

from dothi.domains.air.models import ForecastEvaluation
from dothi.domains.air.types import Evaluation

_decoder = msgspec.json.Decoder(Evaluation)


def save_evaluation(station_id: int, made: Evaluation) -> None:
    """Keep a station's evaluation instead of the one before."""
    ForecastEvaluation.objects.update_or_create(
        station_id=station_id, defaults={"made_at": made.made_at, "evaluation": msgspec.json.encode(made)}
    )


def find_evaluation(station_id: int) -> Evaluation | None:
    """Give a station's evaluation, None where there is none."""
    return list_evaluations([station_id]).get(station_id)


def list_evaluations(station_ids: Sequence[int]) -> dict[int, Evaluation]:
    """Give the evaluations of stations, by station."""
    rows = ForecastEvaluation.objects.filter(station_id__in=station_ids).values_list("station_id", "evaluation")
    return {station_id: _decoder.decode(bytes(data)) for station_id, data in rows}
