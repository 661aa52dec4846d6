"""The command line: parses arguments and prints results; decides nothing.

Data goes to standard output, progress to standard error. Every command that reads or does
something has ``--json``. Commands import heavy packages (boto3, the emulator) inside their
functions, so that ``--help`` and ``check`` start quickly.
"""
