"""The console: one local page over what runs, live.

Comes in: what every command reads (AWS's records, a rehearsal's socket, a trial's steps). Goes out:
one stream of events to a browser on this machine. Forbidden here: changing anything itself; a
button runs the command that stands on it.
"""
