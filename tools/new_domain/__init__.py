"""Makes a city service from the template: one folder, nothing else, and it is in the product."""
