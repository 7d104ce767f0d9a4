"""The record into Parquet files, one for each partition of time."""
