"""What a language model sees of a workbook, and what it may propose."""
