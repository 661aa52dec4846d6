"""SheetGPT: a spreadsheet to talk to. Every formula is computed, every change can be undone."""
