"""What a VPC allows: quotas, characters.

``RULES`` and the weight of a prefix list: VPC user guide, "Amazon VPC quotas" and "AWS-managed
prefix list weight" (CloudFront's counts 55). ``DESCRIPTION``: EC2 API reference,
CreateSecurityGroup, GroupDescription.
"""

from __future__ import annotations

import re

# How many rules a managed prefix list counts as, by the end of its name; others count one.
WEIGHTS = {"cloudfront.origin-facing": 55, "groundstation": 10, "vpc-lattice": 10}
RULES = 60  # inbound, and as many outbound, of one security group
DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
