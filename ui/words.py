"""Words for what a page is given: text from outside, where a training stands, numbers of things."""

from aecore.errors import LabError
from aecore.runs.spec import State
from aecore.runs.statuses import Status

STATUSES = {
    Status.QUEUED: "Waiting", Status.RUNNING: "Training", Status.PAUSED: "Paused", Status.STOPPING: "Stopping", Status.DONE: "Done",
    Status.STOPPED: "Stopped", Status.INTERRUPTED: "Interrupted", Status.DIVERGED: "Diverged", Status.FAILED: "Failed",
}  # fmt: skip


def escape_markdown(text: str) -> str:
    """Words that came from outside (a name, an address, an error that quotes them), with Markdown's signs taken literally."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-!|~$:<>" else c for c in text)


def told(error: Exception) -> str:
    """What went wrong, for a page: a `LabError`'s sentence, or what the system says, without its number."""
    return escape_markdown(
        error.on_page
        if isinstance(error, LabError)
        else getattr(error, "strerror", None) or str(error)
    )


def status_words(state: State) -> str:
    """Where a training stands."""
    return (
        "Done, with a warning"
        if state.status is Status.DONE and state.message
        else STATUSES[state.status]
    )


def counted(n: int, thing: str) -> str:
    """ "1 coding", "20 codings"."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"
