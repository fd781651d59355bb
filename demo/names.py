"""How the source systems call things: agents, customers, claims, policies, Salesforce ids, queue names."""

from __future__ import annotations

import numpy as np

from demo.clock import IntArray
from demo.queues import QUEUES
from demo.text import Text, digits, join

SITES = ("rotterdam", "groningen", "home")
PBX_NAMES = tuple(spec.source_name for spec in QUEUES if spec.channel == "voice")
CONNECT_NAMES = tuple(spec.source_name for spec in QUEUES if spec.channel == "chat")


def agent_ids(agent: IntArray) -> Text:
    """Company-wide agent id.

    Example:
        >>> agent_ids(np.array([41])).to_pylist()
        ['A0041']
    """
    return join("A", digits(np.maximum(agent, 0), 4))


def claim_ids(claim: IntArray) -> Text:
    """Claim number of a claim's position.

    Example:
        >>> claim_ids(np.array([0])).to_pylist()
        ['CL00500001']
    """
    return join("CL", digits(np.maximum(claim, 0) + 500_001, 8))


def policy_ids(customer: IntArray, is_property: IntArray) -> Text:
    """A customer's policy number, one per line of business."""
    return join("P", customer, np.asarray(is_property, np.int64) + 1)


def account_ids(customer: IntArray) -> Text:
    """Salesforce account id (18 characters) of a customer; the customer number stands in characters 6 to 13."""
    return join("001Hm", customer, "00AAA")


def contact_ids(customer: IntArray) -> Text:
    """Salesforce contact id of a customer."""
    return join("003Hm", customer, "00AAA")


def user_ids(agent: IntArray) -> Text:
    """Salesforce user id of an agent; the agent's number stands in its last digits before the suffix."""
    return join("005Hm", digits(np.maximum(agent, 0), 10), "AAA")


def case_ids(number: IntArray) -> Text:
    """Salesforce case id of a case number."""
    return join("500Hm", digits(number, 10), "AAA")
