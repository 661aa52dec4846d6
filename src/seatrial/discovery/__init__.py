"""A project's own files to a first app file: what runs, on which port, over which data.

Comes in: a folder. Goes out: the text of a `seatrial.yml` that `check` accepts, and the list of
what it does not carry over. One module reads one kind of file; `.env` files give names, never
values. Forbidden here: AWS, Terraform, and running anything of the project.
"""
