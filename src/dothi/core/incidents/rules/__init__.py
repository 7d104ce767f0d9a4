"""What holds of work orders, without any input or output."""
