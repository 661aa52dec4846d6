"""What boto3 returns for each service, for the type checker: nothing of it is there at run time."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_budgets import BudgetsClient
    from types_boto3_ce import CostExplorerClient
    from types_boto3_cloudfront import CloudFrontClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_ec2 import EC2Client
    from types_boto3_ecr import ECRClient
    from types_boto3_ecs import ECSClient
    from types_boto3_elasticache import ElastiCacheClient
    from types_boto3_elbv2 import ElasticLoadBalancingv2Client
    from types_boto3_iam import IAMClient
    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_pricing import PricingClient
    from types_boto3_rds import RDSClient
    from types_boto3_route53 import Route53Client
    from types_boto3_s3 import S3Client
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_service_quotas import ServiceQuotasClient
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient
    from types_boto3_sts import STSClient
    from types_boto3_wafv2 import WAFV2Client


class Clients:
    """Typed clients of the services that Seatrial calls; of any other service, an untyped one."""

    if TYPE_CHECKING:

        @overload
        def client(
            self, service: Literal["application-autoscaling"]
        ) -> ApplicationAutoScalingClient: ...

        @overload
        def client(self, service: Literal["budgets"]) -> BudgetsClient: ...

        @overload
        def client(self, service: Literal["ce"]) -> CostExplorerClient: ...

        @overload
        def client(self, service: Literal["cloudfront"]) -> CloudFrontClient: ...

        @overload
        def client(self, service: Literal["cloudwatch"]) -> CloudWatchClient: ...

        @overload
        def client(self, service: Literal["cognito-idp"]) -> CognitoIdentityProviderClient: ...

        @overload
        def client(self, service: Literal["dynamodb"]) -> DynamoDBClient: ...

        @overload
        def client(self, service: Literal["ec2"]) -> EC2Client: ...

        @overload
        def client(self, service: Literal["ecr"]) -> ECRClient: ...

        @overload
        def client(self, service: Literal["ecs"]) -> ECSClient: ...

        @overload
        def client(self, service: Literal["elasticache"]) -> ElastiCacheClient: ...

        @overload
        def client(self, service: Literal["elbv2"]) -> ElasticLoadBalancingv2Client: ...

        @overload
        def client(self, service: Literal["iam"]) -> IAMClient: ...

        @overload
        def client(self, service: Literal["logs"]) -> CloudWatchLogsClient: ...

        @overload
        def client(self, service: Literal["pricing"]) -> PricingClient: ...

        @overload
        def client(self, service: Literal["rds"]) -> RDSClient: ...

        @overload
        def client(self, service: Literal["route53"]) -> Route53Client: ...

        @overload
        def client(self, service: Literal["s3"]) -> S3Client: ...

        @overload
        def client(self, service: Literal["scheduler"]) -> EventBridgeSchedulerClient: ...

        @overload
        def client(self, service: Literal["secretsmanager"]) -> SecretsManagerClient: ...

        @overload
        def client(self, service: Literal["service-quotas"]) -> ServiceQuotasClient: ...

        @overload
        def client(self, service: Literal["sns"]) -> SNSClient: ...

        @overload
        def client(self, service: Literal["sqs"]) -> SQSClient: ...

        @overload
        def client(self, service: Literal["sts"]) -> STSClient: ...

        @overload
        def client(self, service: Literal["wafv2"]) -> WAFV2Client: ...

        @overload
        def client(self, service: str) -> Any: ...

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        return self.made(service)

    @abstractmethod
    def made(self, service: str) -> Any:
        """Return the client of a service, made once."""
