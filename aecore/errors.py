"""The errors that are meant for a person: one sentence, no traceback."""


class LabError(ValueError):
    """What arrived, what was expected and what to do, in one sentence that a learner can act on.

    on_page: what a page says instead, if the sentence speaks of commands and folders, which a page's visitor does not have.
    """

    def __init__(self, sentence: str, on_page: str = ""):
        super().__init__(sentence)
        self.on_page = on_page or sentence


class SettingError(LabError):
    """A hyperparameter's value that cannot be, called by its title; `field` is its name, for whoever knows it by its flag or its widget."""

    def __init__(self, field: str, sentence: str):
        super().__init__(sentence)
        self.field = field
