"""City services, one folder each; a folder placed here appears in the product by its manifest."""
