"""Doctor: AWS is asked once for everything; ``diagnosis`` names what is wrong and why."""
