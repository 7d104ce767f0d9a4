"""What an analysis derives, written back into the record: derived Datastreams, and Observations of them."""
