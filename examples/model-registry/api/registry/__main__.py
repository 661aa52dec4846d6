"""Serve the registry on PORT."""

from registry.main import create
from seatrial_runtime import serving

if __name__ == "__main__":
    serving.serve(create())
