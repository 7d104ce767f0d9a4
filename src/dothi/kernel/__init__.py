"""Words that every part of Dothi shares; pure Python without a framework, a database or a network."""
