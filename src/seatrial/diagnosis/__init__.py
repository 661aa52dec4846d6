"""From facts about what runs, or failed to, to findings; pure, one family of checks a file."""
