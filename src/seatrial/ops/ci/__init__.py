"""What a CI needs: the file that tells it what to run, and the roles that it takes at AWS."""
