"""Errors that are shown to a person: one sentence, no traceback."""


class LabError(ValueError):
    """An error in the learner's words: what arrived, what was expected, what to do.

    on_page: the sentence for a page, if the other one mentions commands or folders, which a page's
    visitor does not have.
    """

    def __init__(self, sentence: str, on_page: str = ""):
        super().__init__(sentence)
        self.on_page = on_page or sentence


class SettingError(LabError):
    """An invalid value of a hyperparameter.

    The sentence names it by its title. `field` is its name, from which its flag and widget derive.
    """

    def __init__(self, field: str, sentence: str):
        super().__init__(sentence)
        self.field = field
