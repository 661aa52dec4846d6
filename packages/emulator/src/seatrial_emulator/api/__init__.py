"""AWS's API: moto's server with our patches, and what it keeps beside moto's records.

Requests come in; records change; answers and errors have AWS's own words. It starts no task.
"""
