"""A formula is that of the loss: its terms by name in every phase, and their numbers.

The numbers are computed here with NumPy from what the formulas say, sum by sum; nothing of
`aecore.losses` is used.
"""

import numpy as np
import pytest
import tensorflow as tf

from aecore.models import RandomStream, StepContext, variant, variants
from tests.helpers import small_config

BATCH = 20


def settings(name):
    """Each preset's values, and each choice and a weight of decay beside the defaults."""
    cls = variant(name)
    found = [dict(preset.values) for preset in cls.presets.values()] + [{}]
    for field, control in cls.Config.declared().items():
        found += [{field: choice} for choice in control.choices if control.kind == "choice"]
    found += [{"latent_weight": 4.0}] if "latent_weight" in cls.Config.declared() else []
    found += [{"fine_tune_epochs": 0}] if "fine_tune_epochs" in cls.Config.declared() else []
    decays = [{}, {"weight_decay": 0.01}] if "weight_decay" in cls.Config.declared() else [{}]
    sizes = {"hidden_sizes", "codings_size", "batch_size", "epochs", "k", "first_k", "filters"}
    return [
        {key: value for key, value in values.items() if key not in sizes} | decay
        for values in found
        for decay in decays
    ]


def context(training: bool = True) -> StepContext:
    """Of the last step, so that nothing is still on its way to its final value."""
    return StepContext(RandomStream(3, 5), training)


@pytest.mark.parametrize("name", list(variants()))
def test_the_formula_of_each_phase_has_the_terms_of_its_loss(name, digits):
    cls = variant(name)
    x = tf.constant(digits.test.floats(4))
    for values in settings(name):
        config = small_config(name, **values)
        model = cls(config, digits.input_shape, np.random.default_rng(0))
        phases, formulas = model.phases(), cls.phase_formulas(config)
        assert len(phases) == len(formulas)
        for phase, formula in zip(phases, formulas, strict=True):
            inputs = phase.features(x) if phase.features else x
            assert list(formula.terms) == list(phase.loss_terms(inputs, context())), values
            assert set(formula.terms) == set(cls.units(config))
            for term in formula.terms.values():
                assert term.latex in formula.latex and term.unit and "batch" in term.reduction


def squared_error(x, made):
    """(1/B) sum_b (1/D) |made_b - x_b|^2"""
    return np.mean([np.sum((b - a) ** 2) / len(a) for a, b in zip(x, made, strict=True)])


def cross_entropy(x, made):
    """(1/B) sum_b sum_i [-x log made - (1 - x) log(1 - made)]"""
    return np.mean(
        [
            np.sum(-a * np.log(b) - (1 - a) * np.log(1 - b))
            for a, b in zip(x, made.astype(np.float64), strict=True)
        ]
    )


def half_squares(variables):
    """1/2 sum of the squares of every weight that is no bias."""
    return 0.5 * sum(np.sum(np.square(v.numpy())) for v in variables if v.shape.rank > 1)


def plain(model, x):
    return {"reconstruction_loss": squared_error(x, model.network().reconstruct(x))}


def denoising(model, x):
    seen = model.corrupt(tf.constant(x), RandomStream(3, 5)).numpy()
    return {"reconstruction_loss": squared_error(x, model.network().reconstruct(seen))}


def sparse(model, x):
    config, network = model.config, model.network()
    codings = network.encode(x)
    p, q = config.sparsity_target, np.mean(codings, axis=0)
    kl = sum(p * np.log(p / each) + (1 - p) * np.log((1 - p) / (1 - each)) for each in q)
    made = network.decode(codings)
    if config.reconstruction == "cross_entropy":
        error = cross_entropy(x, made) / x.shape[1]
    else:
        error = squared_error(x, made)
    return {"reconstruction_loss": error, "sparsity_loss": config.sparsity_weight * kl}


def contractive(model, x):
    h = model.network().encode(x)
    kernel = model.encoder[0].kernel.numpy()
    slopes = [  # dh_j / dx_i = h_j (1 - h_j) W_ij
        np.sum(((each * (1 - each))[None, :] * kernel) ** 2) for each in h
    ]
    weighted = model.config.contraction_weight * np.mean(slopes)
    return plain(model, x) | {"contraction_loss": weighted}


def variational(model, x):
    hidden = x
    for layer in model.encoder[:-1]:
        hidden = layer.stored()(hidden)
    mean, spread = model.encoder[-1].stored()(hidden), model.heads[0].stored()(hidden)
    draw = RandomStream(3, 5).normal(tf.constant(mean)).numpy()
    if model.config.posterior == "log_var":
        sigma, kl = np.exp(spread / 2), np.exp(spread) + mean**2 - 1 - spread
    else:
        sigma, kl = spread, spread**2 + mean**2 - 1 - np.log(spread**2 + 1e-10)
    made = model.network().decode(mean + sigma * draw)
    latent = model.config.latent_weight * np.mean(0.5 * np.sum(kl, axis=1))
    return {"reconstruction_loss": cross_entropy(x, made), "latent_loss": latent}


OWN = {
    "denoising": denoising,
    "sparse": sparse,
    "contractive": contractive,
    "variational": variational,
}


@pytest.mark.parametrize("name", [name for name in variants() if name != "greedy"])
def test_a_term_is_what_its_formula_says(name, digits):
    x = digits.test.floats(BATCH)
    for values in settings(name):
        config = small_config(name, **values)
        model = variant(name)(config, digits.input_shape, np.random.default_rng(1))
        expected = OWN.get(name, plain)(model, x)
        if decay := getattr(config, "weight_decay", 0.0):
            expected["weight_decay"] = decay * half_squares(model.variables)
        found = model.loss_terms(tf.constant(x), context())
        assert {key: float(value) for key, value in found.items()} == pytest.approx(
            expected, rel=2e-4
        ), values


def test_each_pair_of_greedy_rebuilds_what_its_formula_says(digits):
    config = small_config("greedy", hidden_sizes=(40, 20), weight_decay=0.01)
    model = variant("greedy")(config, digits.input_shape, np.random.default_rng(1))
    x = digits.test.floats(BATCH)
    h = x
    for k, phase in enumerate(model.phases()):
        inputs = phase.features(tf.constant(x)) if phase.features else tf.constant(x)
        found = phase.loss_terms(inputs, context())
        if k == 3:  # all layers
            expected = plain(model, x)["reconstruction_loss"]
            decayed = model.variables
        else:
            inner, outer = model.encoder[k].stored(), model.decoder[-1 - k].stored()
            expected = squared_error(h, outer(inner(h)))
            decayed = [*model.encoder[k].variables, *model.decoder[-1 - k].variables]
            h = inner(h)
        assert float(found["reconstruction_loss"]) == pytest.approx(expected, rel=2e-4)
        assert float(found["weight_decay"]) == pytest.approx(0.01 * half_squares(decayed), rel=2e-4)
    names = [formula.name for formula in variant("greedy").phase_formulas(config)]
    assert names == [r"\mathcal L_1", r"\mathcal L_2", r"\mathcal L_3", r"\mathcal L"]


@pytest.mark.parametrize("name", ["stacked", "sparse", "contractive", "k_sparse", "linear"])
def test_a_batch_twice_as_large_gives_the_same_loss(name, digits):
    """Each term is a mean over the batch, or the same for every batch: none is a sum over it."""
    decay = {"weight_decay": 0.01} if "weight_decay" in variant(name).Config.declared() else {}
    model = variant(name)(small_config(name, **decay), digits.input_shape, np.random.default_rng(1))
    x = tf.constant(digits.test.floats(BATCH))
    once, twice = (model.loss_terms(each, context()) for each in (x, tf.concat([x, x], axis=0)))
    for term in once:
        assert float(twice[term]) == pytest.approx(float(once[term]), rel=1e-5), term


def test_the_weights_of_the_terms_are_those_of_the_run():
    """Each is in the symbols' words, and no weight that is 1 or off is written."""
    cls = variant("variational")
    formula = cls.formula(cls.Config.build({"latent_weight": 4.0, "weight_decay": 0.002}))
    assert formula.terms["latent_loss"].latex.startswith(r"\beta")
    assert "4 here" in formula.symbols[r"\beta"] and "0.002" in formula.symbols[r"\lambda"]
    whole = cls.formula(cls.Config.build({})).latex
    assert r"\beta" not in whole and r"\lambda" not in whole and r"\gamma" in whole
    sigma = cls.formula(cls.Config.build({"posterior": "sigma"})).latex
    assert r"10^{-10}" in sigma and r"\gamma" not in sigma
