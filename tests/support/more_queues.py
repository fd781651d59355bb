"""The example enterprise with more queues: enough of them that a night shares them out among several tasks."""


def with_more_queues(settings: str, count: int) -> str:
    """The settings with so many more queues like the service line."""
    begin = settings.index("[queues.voice_service]")
    queue = settings[begin : settings.index("\n[", begin)]
    more = [queue.replace("voice_service", f"voice_{number}") for number in range(count)]
    return settings + "\n" + "\n".join(more)
