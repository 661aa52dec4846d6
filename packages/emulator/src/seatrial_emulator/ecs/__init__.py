"""The ECS agent and scheduler, played: records in, running tasks out.

``observe`` reads the emulator's records into frozen values, ``decide`` is one pure function from
them to actions, ``act`` does the actions. Nothing here has read the app file.
"""
