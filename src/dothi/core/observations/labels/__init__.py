"""What Things are called, for packages that keep their ids."""
