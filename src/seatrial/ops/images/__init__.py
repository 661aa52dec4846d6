"""Builds become images: their files, recipes and layers, and the repositories they go to."""
