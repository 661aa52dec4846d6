"""Serve the registry on PORT."""

from seatrial_runtime import serving

from registry.main import create

if __name__ == "__main__":
    serving.serve(create())
