"""AWS's API: moto's server with our patches, and what it keeps beside moto's records.

Requests come in; records change; answers and errors have AWS's own words. It starts no task.
"""

from seatrial_emulator.api import service_data

service_data.share()  # before anything here imports moto
