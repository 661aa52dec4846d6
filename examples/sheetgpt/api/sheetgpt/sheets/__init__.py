"""The spreadsheet itself: operations, the engine behind them, how one gives way to another."""
