"""The worker: takes orders from the queue and packs them; what fails is tried again."""

from __future__ import annotations

import json
import os
import signal

import boto3

from shop import store

stopped = False


def stop(*_: object) -> None:
    """Finish the message at hand, then end: ECS sends SIGTERM first, and so does Spot."""
    global stopped
    stopped = True


def main() -> None:
    """Pack until asked to stop."""
    signal.signal(signal.SIGTERM, stop)
    queue, url = boto3.client("sqs", region_name=os.environ["AWS_REGION"]), os.environ["ORDERS_URL"]
    while not stopped:
        found = queue.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10)
        for message in found.get("Messages", []):
            number = json.loads(message["Body"])["order"]
            store.pack(number)
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            print(f"packed order {number}", flush=True)


if __name__ == "__main__":
    main()
