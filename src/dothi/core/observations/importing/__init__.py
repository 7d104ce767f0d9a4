"""Files of measurements into the record: CSV and Parquet, by a mapping that says what their columns are."""
