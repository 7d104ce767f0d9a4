"""People, machine keys, and the one policy that says what each may do."""
