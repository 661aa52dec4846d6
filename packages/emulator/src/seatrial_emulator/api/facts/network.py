"""What a VPC allows: quotas, characters.

``RULES`` and the weight of a prefix list: VPC user guide, "Amazon VPC quotas" and "AWS-managed
prefix list weight" (CloudFront's counts 55). ``DESCRIPTION``: EC2 API reference,
CreateSecurityGroup, GroupDescription.
"""

from __future__ import annotations

import re

RULES = 60  # inbound, and as many outbound, of one security group
DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
