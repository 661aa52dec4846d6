"""The README beside generated Terraform: how to apply it without Seatrial."""

from __future__ import annotations


def text(app: str, environment: str, region: str) -> str:
    """Return the guide of one app's environment."""
    bucket = f"seatrial-$ACCOUNT-{region}"
    return f"""# {app}, environment {environment}

Plain Terraform, in two roots: `foundation` holds data, identity and addresses; `release` is how a
version runs. `seatrial deploy` applies them in this order and does what stands between them; by
hand it is this:

```sh
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
# 1. The state bucket {bucket}: make it once, private, versioned, encrypted.
# 2. The foundation.
terraform -chdir=foundation init -backend-config=bucket={bucket} \\
  -backend-config=key={app}/{environment}/foundation.tfstate \\
  -backend-config=region={region} -backend-config=use_lockfile=true
terraform -chdir=foundation apply
# 3. Push each build's image to its repository and note its digest.
# 4. Give every secret a value, and every database its password: RDS was made with a random one
#    that nobody kept. The database's secret holds JSON with the keys engine, host, port, dbname,
#    username, password, url, sslmode, resource_id.
# 5. The release, on the foundation's outputs.
terraform -chdir=foundation output -json \\
  | jq '{{foundation: map_values(.value)}}' > release/foundation.auto.tfvars.json
terraform -chdir=release init -backend-config=bucket={bucket} \\
  -backend-config=key={app}/{environment}/release.tfstate \\
  -backend-config=region={region} -backend-config=use_lockfile=true
terraform -chdir=release apply -var 'images={{BUILD="REPOSITORY@sha256:DIGEST"}}'
```
"""
