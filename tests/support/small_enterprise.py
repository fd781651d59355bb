"""The smallest enterprise there can be: one phone queue fed by one telephone system, whose exports lie in `exports`."""

from __future__ import annotations

from pathlib import Path

from enterprise.settings import Enterprise, load_enterprise

ENTERPRISE = """
name = "Small"
time_zone = "Europe/Amsterdam"
country = "NL"
[storage]
lake_url = "lake"
planbook_folder = "planbook"
[sites]
main = "Main"
[lines_of_business]
service = "Service"
"""
WEEKDAYS = """
[opening_hours.phone]
monday = ["08:00-18:00"]
tuesday = ["08:00-18:00"]
wednesday = ["08:00-18:00"]
thursday = ["08:00-18:00"]
friday = ["08:00-18:00"]
"""
VOICE = """
[queues.voice]
name = "Phone"
channel = "voice"
line_of_business = "service"
site = "main"
opening_hours = "phone"
service_goal = { definition = "of_offered", fraction = 0.8, seconds = 20 }
mean_handle_seconds_prior = 300
mean_patience_seconds_prior = 120
"""
QUEUE_LOG = """
[sources.acd]
kind = "asterisk_queue_log"
url = "exports/queue_log*"
queues = { support = "voice" }
"""
INTERVAL_REPORT = """
[sources.acd]
kind = "interval_report"
url = "exports/acd*.csv"
interval_minutes = 30
queues = { support = "voice" }
columns = { queue = "q", interval_start = "at", offered = "n", answered = "a", handle = ["h"] }
"""
CLAIMS_SHEET = """
[sources.claims]
kind = "mapped_table"
url = "exports/claims*.csv"
table = "claims"
columns = { claim_id = "id", line_of_business = "line", reported_at = "at" }
"""
WITHOUT_SOURCES = ENTERPRISE + WEEKDAYS + VOICE
SETTINGS = WITHOUT_SOURCES + QUEUE_LOG


def small_enterprise(folder: Path, settings: str = SETTINGS) -> Enterprise:
    """Write the settings and an empty `exports` into the folder and load them."""
    path = folder / "enterprise.toml"
    path.write_text(settings)
    (folder / "exports").mkdir(exist_ok=True)
    return load_enterprise(path, {}, folder)
