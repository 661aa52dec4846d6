"""Serve SheetGPT on PORT."""

from seatrial_runtime import serving
from sheetgpt.main import create

if __name__ == "__main__":
    serving.serve(create())
