"""How long the record keeps Observations as they came, and what stays of them afterwards."""
