"""OGC API Features and Tiles over the layers: tipg serves the views, Dothi says who may see which."""
