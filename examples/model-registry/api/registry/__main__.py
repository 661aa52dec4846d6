"""Serve the registry on PORT."""

from registry.main import create
from seatrial.runtime import serving

if __name__ == "__main__":
    serving.serve(create())
