"""Text for pages: escaped Markdown, errors, a run's status, counts."""

from aecore.errors import LabError
from aecore.runs.branches import words_of
from aecore.runs.run import Run
from aecore.runs.spec import State
from aecore.runs.statuses import Status

SHORT_ID = 8  # digits of a run's id that pages show; the command line takes them too
STATUSES = {
    Status.QUEUED: "Waiting",
    Status.RUNNING: "Training",
    Status.PAUSED: "Paused",
    Status.STOPPING: "Stopping",
    Status.DONE: "Done",
    Status.STOPPED: "Stopped",
    Status.INTERRUPTED: "Interrupted",
    Status.DIVERGED: "Diverged",
    Status.FAILED: "Failed",
}


def escape_markdown(text: str) -> str:
    """Text from outside (a name, an address, an error that quotes them) as literal Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-!|~$:<>" else c for c in text)


def error_text(error: Exception) -> str:
    """An error for a page: a `LabError`'s sentence, or the system's message without its number."""
    if isinstance(error, LabError):
        return escape_markdown(error.on_page)
    return escape_markdown(getattr(error, "strerror", None) or str(error))


def status_words(state: State) -> str:
    """A run's status for a page."""
    if state.status is Status.DONE and state.message:
        return "Done, with a warning"
    return STATUSES[state.status]


def name_with_id(run: Run) -> str:
    return f"{run.spec.name} · {run.id[:SHORT_ID]}"


def origin_words(run: Run) -> str:
    """The moment of another run that this one goes on from; empty if it began by itself."""
    origin = run.spec.origin
    return f"{words_of(origin.end)} of {origin.name}" if origin else ""


def count_of(n: int, thing: str) -> str:
    """ "1 coding", "20 codings"."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"
