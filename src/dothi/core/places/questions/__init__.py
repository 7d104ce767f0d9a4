"""Questions across layers, areas and devices, asked without SQL, answered as rows, kept and asked again."""
