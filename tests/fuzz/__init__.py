"""Coverage-guided fuzzing of every decoder (`make fuzz`), and what it found, tried again in every run of the tests."""
