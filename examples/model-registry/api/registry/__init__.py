"""A trustworthy model registry: models, datasets and code, scored by what their files show."""
