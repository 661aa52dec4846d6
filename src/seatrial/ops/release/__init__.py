"""What the verbs share about a release: its record, lock, two roots, and how it settles."""
