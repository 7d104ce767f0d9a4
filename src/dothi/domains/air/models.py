"""What air keeps that is no Observation: how its forecasts did."""

from django.db import models


class ForecastEvaluation(models.Model):
    """A station's newest evaluation, as JSON of `Evaluation`."""

    station_id = models.BigIntegerField(primary_key=True)
    made_at = models.DateTimeField()
    evaluation = models.BinaryField()

    class Meta:
        db_table = "air_forecast_evaluation"
