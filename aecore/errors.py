"""The one error that is meant for a person: one sentence, no traceback."""


class LabError(ValueError):
    """What arrived, what was expected and what to do, in one sentence that a learner can act on."""
