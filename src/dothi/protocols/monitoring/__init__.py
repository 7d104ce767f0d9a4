"""What a monitoring system asks: is it alive, is it ready, and its figures as OpenMetrics."""
