"""Published layers as machines are served them: which ones for whom, and how many features lie where."""
