"""The errors that are meant for a person: one sentence, no traceback."""


class LabError(ValueError):
    """What arrived, what was expected and what to do, in one sentence that a learner can act on."""


class SettingError(LabError):
    """A hyperparameter's value that cannot be, called by its title; `field` is its name, for whoever knows it by its flag or its widget."""

    def __init__(self, field: str, sentence: str):
        super().__init__(sentence)
        self.field = field
