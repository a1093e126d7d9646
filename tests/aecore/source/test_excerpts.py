"""The code of a term is that of its file, and those of its lines that compute the term."""

import inspect

import pytest

from aecore import losses
from aecore.models import variant, variants
from aecore.models.base import Autoencoder
from aecore.models.greedy import Greedy
from aecore.models.phases import Phase
from aecore.models.sparse import Sparse
from aecore.models.stacked import Stacked
from aecore.models.variational import Variational
from aecore.source.excerpts import excerpts_of, excerpts_of_sum
from tests import ROOT


def code_of(name: str, term: str, phase: int = 0, **values):
    """The excerpts of a term by function; of each the lines that compute it, without indents."""
    cls = variant(name)
    config = cls.Config.build(values)
    given_by = cls.phase_formulas(config)[phase].terms[term].given_by
    found = excerpts_of(cls, config, term, given_by)
    return {
        each.function: [line.text.strip() for line in each.lines if line.computes] for each in found
    }


@pytest.mark.parametrize("name", list(variants()))
def test_every_line_is_the_one_in_the_file_and_none_of_a_docstring(name):
    cls = variant(name)
    config = cls.Config.build(
        {"weight_decay": 0.1} if "weight_decay" in cls.Config.declared() else {}
    )
    for formula in cls.phase_formulas(config):
        for term, about in formula.terms.items():
            excerpts = excerpts_of(cls, config, term, about.given_by)
            assert any("losses" in each.file for each in excerpts) or term == "contraction_loss"
            for excerpt in excerpts:
                file = (ROOT / excerpt.file).read_text().splitlines()
                assert any(line.computes for line in excerpt.lines)
                for line in excerpt.lines:
                    if line.number is not None:
                        assert file[line.number - 1].strip() == line.text.strip()
                        assert '"""' not in line.text


def test_the_lines_of_functions_are_those_of_getsource():
    found = code_of("variational", "latent_loss")
    for function in (Variational.terms, Variational.bound_terms, losses.gaussian_kl):
        source = inspect.getsource(function)
        assert found[function.__qualname__]
        assert all(line in source for line in found[function.__qualname__])


def test_a_terms_lines_are_those_that_its_value_follows_from():
    assert code_of("variational", "latent_loss") == {
        "Variational.terms": [
            "fit, kl, _ = self.bound_terms(x, context.random)",
            "latent = self.config.latent_weight * kl",
            'return {"reconstruction_loss": Term(fit), "latent_loss": Term(latent)}',
        ],
        "Variational.bound_terms": [
            "hidden = run(self.encoder[:-1], x)",
            "mean, spread = self.encoder[-1](hidden), self.heads[0](hidden)",
            'if self.config.posterior == "log_var":',
            "sigma, kl = tf.exp(0.5 * spread), losses.gaussian_kl(mean, spread)",
            "return losses.cross_entropy(x, self.logits(codings)), kl, mean",
        ],
        "gaussian_kl": [
            "return 0.5 * tf.reduce_sum(tf.exp(log_var) + tf.square(mean) - 1.0 - log_var, axis=1)"
        ],
    }
    fit = code_of("variational", "reconstruction_loss")
    assert "latent = self.config.latent_weight * kl" not in fit["Variational.terms"]
    assert "codings = mean + sigma * random.normal(mean)" in fit["Variational.bound_terms"]
    assert {"cross_entropy", "_sum_of_logs"} < set(fit) and "gaussian_kl" not in fit


def test_only_the_branch_that_the_run_takes_counts():
    sigma = code_of("variational", "latent_loss", posterior="sigma")
    assert "gaussian_kl_sigma" in sigma and "gaussian_kl" not in sigma
    entropy = code_of("sparse", "reconstruction_loss", reconstruction="cross_entropy")
    assert "cross_entropy" in entropy and "squared_error" not in entropy
    squares = code_of("sparse", "reconstruction_loss")
    assert "squared_error" in squares and "cross_entropy" not in squares


def test_a_method_that_is_only_handed_over_is_followed():
    found = code_of("sparse", "sparsity_loss")
    assert list(found) == ["Sparse.terms", "Sparse.sparsity_loss", "bernoulli_kl"]
    kl = "kl = losses.bernoulli_kl(self.config.sparsity_target, mean_activation)"
    assert kl in inspect.getsource(Sparse.sparsity_loss) and kl in found["Sparse.sparsity_loss"]


def test_of_a_function_with_its_own_gradient_the_value_counts():
    lines = code_of("stacked", "reconstruction_loss")["squared_error"]
    assert "return mean * tf.reduce_sum(tf.square(difference), axis=1), backward" in lines
    assert not any("upstream" in line for line in lines)


def test_the_decay_and_greedys_pairs_are_given_elsewhere():
    decay = code_of("stacked", "weight_decay", weight_decay=0.1)
    assert list(decay) == ["Phase.decay", "half_squared_weights"]
    assert decay["Phase.decay"][0] in inspect.getsource(Phase.decay)
    pair = code_of("greedy", "reconstruction_loss", phase=1)
    assert list(pair) == [Greedy._pair_phase.__qualname__, "squared_error"]
    assert pair["Greedy._pair_phase"] == [
        "inner, outer = self.encoder[depth], self.decoder[-1 - depth]",
        'return {"reconstruction_loss": Term(losses.squared_error(h, outer(inner(h))))}',
    ]
    assert "Autoencoder.terms" in code_of("greedy", "reconstruction_loss", phase=2)


class Dearer(Stacked):
    """As a visitor may write it: terms of the class above, and more of its own."""

    def terms(self, x, context):
        """Here are the terms."""
        found = super().terms(x, context)
        price = penalty(self.encode(x))
        found["price_loss"] = price
        for power in (1, 2):
            extra = price**power
        return found | {"extra_loss": extra}


def penalty(codings):
    return abs(codings)


def test_terms_of_the_class_above_and_helpers_of_the_same_file():
    config = Stacked.Config.build({})

    def lines(term):
        return {
            each.function: [line.text.strip() for line in each.lines if line.computes]
            for each in excerpts_of(Dearer, config, term, None)
        }

    assert list(lines("reconstruction_loss")) == [Autoencoder.terms.__qualname__, "squared_error"]
    price = lines("price_loss")
    assert price["Dearer.terms"] == [
        "price = penalty(self.encode(x))",
        'found["price_loss"] = price',
    ]
    assert price["penalty"] == ["return abs(codings)"]
    extra = lines("extra_loss")["Dearer.terms"]
    assert "for power in (1, 2):" in extra and "extra = price**power" in extra


def test_without_a_source_there_is_no_code(monkeypatch):
    made: dict[str, object] = {}
    exec("def terms(self, x, context): return {'reconstruction_loss': x}", made)
    unsourced = type("Unsourced", (Stacked,), {"terms": made["terms"]})
    assert excerpts_of(unsourced, Stacked.Config.build({}), "reconstruction_loss", None) == []


def test_the_sum_is_where_the_terms_become_scalars():
    (excerpt,) = excerpts_of_sum()
    assert excerpt.function == "Phase.loss_terms" and excerpt.file == "aecore/models/phases.py"
