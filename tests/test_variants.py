"""Each variant's changed sentence, held against a truth of its own."""

import numpy as np
import pytest
import tensorflow as tf

from aecore import losses
from aecore.errors import LabError
from aecore.models import RandomStream, StepContext, variant
from aecore.training.corruption import Corruption, DrawsOfRows
from aecore.training.evaluation import evaluate, warning
from aecore.training.loop import Training, train
from tests.helpers import few, small_config, trained


def test_linear_reaches_the_subspace_and_error_of_the_svd_on_points(points):
    training = trained(
        "linear", points, **variant("linear").presets["course"].values, codings_size=2
    )
    x = points.test.floats()
    train_x = points.train.floats()
    _, _, axes = np.linalg.svd(
        train_x - train_x.mean(axis=0), full_matrices=False
    )  # not the eigenvectors that aecore.pca uses
    projected = (x - train_x.mean(axis=0)) @ axes[:2].T @ axes[:2] + train_x.mean(axis=0)
    error = float(np.mean(np.square(training.model.reconstruct(tf.constant(x)).numpy() - x)))
    assert error == pytest.approx(float(np.mean(np.square(projected - x))), rel=0.02)
    train_error = float(
        np.mean(np.square(training.model.reconstruct(tf.constant(train_x)).numpy() - train_x))
    )
    best = float(np.linalg.norm((train_x - train_x.mean(axis=0)) @ axes[2:].T) ** 2 / train_x.size)
    assert best * 0.999 <= train_error <= best * 1.01
    assert evaluate(training.model, points)["subspace_angle_degrees"] < 5


def test_linear_reaches_the_error_of_pca_on_images(digits):
    training = trained(
        "linear",
        digits,
        **({"batch_size": 150} | dict(variant("linear").presets["recommended"].values)),
    )
    figures = evaluate(training.model, digits)
    assert figures["mse"] == pytest.approx(figures["pca_mse"], rel=0.01)
    assert figures["subspace_angle_degrees"] < 5


def test_linear_does_not_find_the_axes_of_pca(points):
    """The same plane, but its codings are mixed: correlated where PCA's are not."""
    training = trained("linear", points, **variant("linear").presets["course"].values)
    codings = training.model.encode(tf.constant(points.train.floats())).numpy()
    principal = points.pca.encode(points.train.floats(), 2)
    assert abs(np.corrcoef(principal.T)[0, 1]) < 1e-3
    assert abs(np.corrcoef(codings.T)[0, 1]) > 0.01


def recommended(name, dataset, seed, **values):
    """The figures of a variant trained by its recommended preset, but for `values`."""
    cls = variant(name)
    made = Training.fresh(
        cls, cls.Config.build(cls.presets["recommended"].values | values), dataset.input_shape, seed
    )
    for _ in train(made, dataset):
        pass
    return evaluate(made.model, dataset)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_coding_dies_and_ten_linear_codings_beat_pca(digits, seed):
    """With the course's ELU codings, 2 to 6 of 10 die and the error is that of PCA (.0220): teaching of the stacked lesson."""
    figures = recommended("stacked", digits, seed, codings_size=10)
    assert figures["dead_codings"] == 0
    assert figures["mse"] <= 0.0105 < 0.5 * figures["pca_mse"]
    assert warning(figures, 10) == ""


def test_two_codings_do_not_end_at_the_mean_image(digits):
    """With the course's ELU codings they did, at .0579."""
    figures = recommended("stacked", digits, 0, codings_size=2)
    assert figures["dead_codings"] == 0 and figures["mse"] <= 0.041


@pytest.mark.parametrize(
    ("name", "most"), [("stacked", 0.0018), ("tied", 0.0018), ("greedy", 0.0029)]
)
def test_recommended_presets_clear_pca_at_their_own_width_as_their_lessons_say(digits, name, most):
    """The lessons' figures, rounded to four digits; PCA with 30 codings has .0074."""
    figures = recommended(name, digits, 0)
    assert figures["mse"] < most + 5e-5 < 0.5 * figures["pca_mse"] and figures[
        "pca_mse"
    ] == pytest.approx(0.0074, abs=5e-5)


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_one_coding_of_pca_is_no_collapse(name, request):
    data = request.getfixturevalue(name)
    x = data.test.floats()
    figures = {
        "mse": data.pca.mse(x, 1),
        "mean_mse": float(np.mean(np.square(x - data.pca.mean))),
        "dead_codings": 0,
    }
    assert warning(figures, 1) == ""


def test_dead_codings_are_counted_and_told(digits):
    training = trained("stacked", few(digits, 500))
    codings = training.model.encoder[-1]
    kernel = codings.kernel.numpy()
    kernel[:, [1, 4, 5]] = 0  # these give their bias for every image
    codings.kernel.assign(kernel)
    figures = evaluate(training.model, digits)
    assert figures["dead_codings"] == 3
    assert "3 of 8 codings are dead" in warning(figures | {"mse": 0.01}, 8)
    assert not warning(figures | {"mse": 0.01}, 8, may_spare=True)


def test_a_network_at_the_mean_images_error_is_told(digits):
    training = trained("stacked", few(digits, 500), epochs=1)
    *_, last = training.model.decoder
    mean = np.clip(digits.pca.mean, 1e-4, 1 - 1e-4)
    last.kernel.assign(tf.zeros_like(last.kernel))
    last.bias.assign(np.log(mean / (1 - mean)))
    figures = evaluate(training.model, digits)
    assert figures["mse"] == pytest.approx(figures["mean_mse"], rel=0.01)
    assert "is about that" in warning(figures, 8) and "is above that" in warning(
        figures | {"mse": 25.0}, 8
    )


def test_cross_entropy_asks_for_outputs_that_can_be_chances():
    with pytest.raises(LabError, match="Output is linear; expected sigmoid"):
        variant("sparse").Config.build({"reconstruction": "cross_entropy", "output": "linear"})


def test_the_mean_image_has_its_published_error_on_mnist(mnist):
    """.06747: what a network that learned nothing about single images gets."""
    x = mnist.test.floats()
    assert float(np.mean(np.square(x - mnist.pca.mean))) == pytest.approx(0.06747, abs=2e-5)


def test_nothing_linear_beats_pca_on_the_inputs_both_were_fitted_to(points):
    for seed in range(3):
        figures = evaluate(
            trained(
                "linear",
                points,
                seed,
                codings_size=2,
                learning_rate=0.01,
                batch_size=60_000,
                epochs=1000,
                schedule="constant",
            ).model,
            points,
        )
        assert figures["train_mse"] >= figures["pca_train_mse"] * (1 - 1e-6)
        assert figures["train_mse"] == pytest.approx(figures["pca_train_mse"], rel=0.05)


def test_tied_kernels_are_transposes_and_the_parameters_are_about_half(digits):
    cls = variant("tied")
    model = cls(cls.Config(codings_size=150), (28, 28, 1), np.random.default_rng(0))
    for encoder, decoder in zip(model.encoder, reversed(model.decoder), strict=True):
        assert np.array_equal(decoder.kernel, np.transpose(encoder.kernel))
    assert model.parameters == 784 * 300 + 300 * 150 + 300 + 150 + 300 + 784 == 281_734
    stacked = variant("stacked")
    assert (
        stacked(stacked.Config(codings_size=150), (28, 28, 1), np.random.default_rng(0)).parameters
        == 561_934
    )
    training = trained("tied", few(digits, 500))
    for encoder, decoder in zip(
        training.model.encoder, reversed(training.model.decoder), strict=True
    ):
        assert np.array_equal(decoder.kernel, np.transpose(encoder.kernel))


def test_tied_decays_each_shared_kernel_once_and_no_bias():
    config = small_config("tied", weight_decay=0.5)
    model = variant("tied")(config, (28, 28, 1), np.random.default_rng(0))
    for layer in model.layers:
        layer.bias.assign_add(tf.ones_like(layer.bias))
    expected = 0.5 * sum(
        0.5 * float(np.sum(np.square(layer.kernel.numpy()))) for layer in model.encoder
    )
    assert float(model.phases()[0].decay()["weight_decay"]) == pytest.approx(expected, rel=1e-5)


def test_variational_of_the_course_has_its_parameter_count():
    cls = variant("variational")
    model = cls(cls.Config(), (28, 28, 1), np.random.default_rng(0))
    assert (
        model.parameters
        == 784 * 500
        + 500
        + 500 * 500
        + 500
        + 2 * (500 * 20 + 20)
        + 20 * 500
        + 500
        + 500 * 500
        + 500
        + 500 * 784
        + 784
    )


def test_greedy_phase_two_leaves_the_outer_layers_bit_for_bit(digits):
    data = few(digits, 500)
    config = small_config("greedy", fine_tune_epochs=0)
    training = Training.fresh(variant("greedy"), config, (28, 28, 1), 0)
    model = training.model
    outer_before = None
    inner_at_start = [
        variable.numpy() for variable in (*model.encoder[1].variables, *model.decoder[0].variables)
    ]
    for _ in train(training, data):
        outer = [
            variable.numpy()
            for variable in (*model.encoder[0].variables, *model.decoder[1].variables)
        ]
        inner = [
            variable.numpy()
            for variable in (*model.encoder[1].variables, *model.decoder[0].variables)
        ]
        if training.phase == 0:
            assert all(np.array_equal(a, b) for a, b in zip(inner, inner_at_start, strict=True))
        elif outer_before is None:
            outer_before = outer
        else:
            assert all(np.array_equal(a, b) for a, b in zip(outer, outer_before, strict=True))
    assert outer_before is not None
    assert not all(np.array_equal(a, b) for a, b in zip(inner, inner_at_start, strict=True))


def test_greedy_phase_two_trains_on_the_first_codings(digits):
    """Its loss is the error of the inner pair on enc1(x), computed here by hand."""
    model = variant("greedy")(small_config("greedy"), (28, 28, 1), np.random.default_rng(0))
    phase = model.phases()[1]
    x = tf.constant(digits.valid.floats(64))
    h = model.encoder[0](x)
    by_hand = float(np.mean(np.square(model.decoder[0](model.encoder[1](h)).numpy() - h.numpy())))
    assert float(
        phase.loss_terms(phase.features(x), StepContext(RandomStream(0, 0), True))[
            "reconstruction_loss"
        ]
    ) == pytest.approx(by_hand, rel=1e-5)


def test_greedy_joint_phase_improves_the_whole(digits):
    before = trained("greedy", digits, fine_tune_epochs=0)
    after = trained("greedy", digits, fine_tune_epochs=2)
    assert evaluate(after.model, digits)["mse"] < evaluate(before.model, digits)["mse"]


def test_gaussian_noise_has_its_declared_deviation_and_no_mean():
    model = variant("denoising")(
        small_config("denoising", noise_level=0.4), (28, 28, 1), np.random.default_rng(0)
    )
    added = model.corrupt(tf.zeros([500, 784]), RandomStream(3, 7)).numpy()
    assert added.std() == pytest.approx(0.4, rel=0.01) and abs(added.mean()) < 0.003
    again, other = (
        model.corrupt(tf.zeros([500, 784]), RandomStream(3, step)).numpy() for step in (7, 8)
    )
    assert np.array_equal(added, again) and not np.array_equal(added, other)


@pytest.mark.parametrize("rescale", [False, True])
def test_dropout_keeps_its_declared_share(rescale):
    config = small_config("denoising", corruption="dropout", keep_prob=0.7, rescale=rescale)
    model = variant("denoising")(config, (28, 28, 1), np.random.default_rng(0))
    seen = model.corrupt(tf.ones([500, 784]), RandomStream(0, 0)).numpy()
    assert np.mean(seen > 0) == pytest.approx(0.7, abs=0.005)
    assert seen.max() == pytest.approx(1 / 0.7 if rescale else 1)


@pytest.mark.parametrize("preset", ["course", "course_dropout", "recommended"])
def test_the_pages_corruption_is_the_models_own(digits, preset):
    """Its levels, its rescaling: the mean error of what PCA makes of either is the same to the draws' own scatter."""
    cls = variant("denoising")
    config = cls.Config.build(
        dict(cls.presets[preset].values) | {"hidden_sizes": (8,), "codings_size": 4}
    )
    x, corruption = digits.test.floats(), cls.corruption(config)
    in_training = (
        cls(config, (28, 28, 1), np.random.default_rng(0))
        .corrupt(tf.constant(x), RandomStream(0, 0))
        .numpy()
    )
    on_page = corruption(x, DrawsOfRows(range(len(x))))
    assert on_page.dtype == np.float32 and np.array_equal(
        on_page[5:7], corruption(x[5:7], DrawsOfRows([5, 6]))
    )
    errors = [
        np.mean(np.square(digits.pca.reconstruct(seen, 20) - x)) for seen in (in_training, on_page)
    ]
    assert errors[0] == pytest.approx(errors[1], rel=0.03)


def test_every_network_s_cleaning_is_measured_at_one_level(digits):
    """Whatever it was trained with: the same figure as for the same weights under another noise level."""
    loud = trained("denoising", few(digits, 500), noise_level=1.0)
    quiet = Training.fresh(
        variant("denoising"), small_config("denoising", noise_level=0.1), (28, 28, 1), 0
    )
    quiet.restore(
        {name: tensor for name, tensor in loud.tensors().items() if name.startswith("variable")},
        0,
        0,
    )
    one, other = (evaluate(training.model, digits) for training in (loud, quiet))
    assert (
        one["mse_at_noise_0.4"] == other["mse_at_noise_0.4"]
        and one["mse_from_noisy"] != other["mse_from_noisy"]
    )
    x = tf.constant(digits.test.floats())
    by_hand = float(
        tf.reduce_mean(
            tf.square(loud.model.reconstruct(x + 0.4 * RandomStream.measuring().normal(x)) - x)
        )
    )
    assert one["mse_at_noise_0.4"] == pytest.approx(by_hand, rel=1e-5)
    assert "mse_at_noise_0.4" in evaluate(trained("stacked", few(digits, 500)).model, digits)
    assert quiet.model.cleaning_error(
        digits.test.floats(), Corruption("gaussian", 0.1)
    ) == pytest.approx(other["mse_from_noisy"])


def test_no_two_draws_share_their_random_numbers():
    like = tf.zeros([1, 64])
    seen = set()
    for seed in (0, 1, 2, 3):
        noise = RandomStream(seed, 5)
        seen |= {noise.normal(like).numpy().tobytes() for _ in range(130)}
    assert len(seen) == 4 * 130


def test_corruption_is_off_at_prediction_and_the_target_is_clean(digits):
    model = variant("denoising")(
        small_config("denoising", noise_level=1.0), (28, 28, 1), np.random.default_rng(0)
    )
    x = tf.constant(digits.valid.floats(50))
    clean = float(tf.reduce_mean(losses.squared_error(x, model.reconstruct(x))))
    predicting = model.loss_terms(x, StepContext(RandomStream(0, 0)))["reconstruction_loss"]
    assert float(predicting) == pytest.approx(clean, rel=1e-6)
    seen = model.corrupt(x, RandomStream(0, 0))
    by_hand = float(tf.reduce_mean(losses.squared_error(x, model.reconstruct(seen))))
    assert float(
        model.loss_terms(x, StepContext(RandomStream(0, 0), True))["reconstruction_loss"]
    ) == pytest.approx(by_hand, rel=1e-6)


def test_denoising_beats_the_plain_autoencoder_on_noisy_images(digits):
    noisy = {"noise_level": 0.5, "epochs": 5, "hidden_sizes": (100,), "codings_size": 50}
    denoiser = evaluate(trained("denoising", digits, **noisy).model, digits)["mse_from_noisy"]
    plain = trained("stacked", digits, epochs=5, hidden_sizes=(100,), codings_size=50).model
    x = tf.constant(digits.test.floats())
    seen = x + 0.5 * RandomStream.measuring().normal(x)
    assert denoiser < 0.7 * float(tf.reduce_mean(losses.squared_error(x, plain.reconstruct(seen))))


@pytest.mark.parametrize("reconstruction", ["squared_error", "cross_entropy"])
def test_sparse_mean_activation_comes_within_ten_per_cent_of_its_target(digits, reconstruction):
    training = trained(
        "sparse",
        digits,
        hidden_sizes=(),
        codings_size=100,
        epochs=5,
        reconstruction=reconstruction,
        sparsity_weight=0.2,
    )
    assert evaluate(training.model, digits)["mean_activation"] == pytest.approx(0.1, rel=0.1)


def test_a_small_weight_makes_codes_sparse_and_a_large_one_makes_them_hum(digits):
    """Both hold the mean; only the small one leaves some activations near 1 and most near 0 (Treves-Rolls well below 1)."""
    small, large = (
        evaluate(
            trained(
                "sparse",
                digits,
                hidden_sizes=(),
                codings_size=1000,
                epochs=8,
                batch_size=150,
                sparsity_weight=weight,
            ).model,
            digits,
        )
        for weight in (0.001, 0.2)
    )
    for figures in (small, large):
        assert figures["mean_activation"] == pytest.approx(0.1, rel=0.1)
    assert small["population_sparseness"] < 0.55 < 0.9 < large["population_sparseness"]
    assert small["share_above_half"] > 0.01 and large["share_above_half"] < 0.001
    assert small["mse"] < 0.5 * large["mse"]


def test_the_contractive_penalty_is_the_squared_jacobian(digits):
    """Its closed form against the Jacobian that TensorFlow computes, row by row."""
    model = variant("contractive")(
        small_config("contractive"), (28, 28, 1), np.random.default_rng(0)
    )
    x = tf.constant(digits.valid.floats(30))
    with tf.GradientTape() as tape:
        tape.watch(x)
        codings = model.encode(x)
    jacobian = tape.batch_jacobian(codings, x).numpy()
    assert np.allclose(
        model.squared_slopes(codings),
        np.sum(np.square(jacobian, dtype=np.float64), axis=(1, 2)),
        rtol=1e-4,
    )
    assert (
        model.parameters == 784 * 8 + 8 + 784 == model.count_parameters(model.config, (28, 28, 1))
    )


def test_contraction_keeps_codings_still_under_noise_and_smooths_what_units_look_for(digits):
    """Seen on seeds 0 to 2 with 1,000 units; here with 200. `moved` is relative to how far apart the images' codings are."""

    def found(weight: float) -> tuple[float, float, float]:
        model = trained(
            "contractive",
            digits,
            codings_size=200,
            contraction_weight=weight,
            learning_rate=0.003,
            epochs=8,
        ).model
        x = digits.test.floats()
        codings, noisy = (
            model.encode(tf.constant(seen)).numpy()
            for seen in (
                x,
                x + 0.4 * np.random.default_rng(0).standard_normal(x.shape).astype("f4"),
            )
        )
        moved = np.mean(np.sum(np.square(noisy - codings), axis=1)) / np.mean(
            np.sum(np.square(codings - codings.mean(axis=0)), axis=1)
        )
        kernels = model.encoder[0].kernel.numpy().T.reshape(-1, 28, 28)[:, 4:24, 4:24]
        rough = np.median(
            np.mean(np.square(np.diff(kernels, axis=1)), axis=(1, 2))
            / (2 * kernels.var(axis=(1, 2)))
        )  # 1 for white noise
        return model.measure(digits.test, digits)["squared_slopes"], moved, rough

    plain, contracted = found(0), found(0.0003)
    assert (
        contracted[0] < plain[0] / 2
        and contracted[1] < plain[1] / 2
        and contracted[2] < 0.75 * plain[2]
    )


def test_sparse_codings_are_activities(digits):
    codings = (
        trained("sparse", few(digits, 300)).model.encode(tf.constant(digits.test.floats())).numpy()
    )
    assert codings.min() >= 0 and codings.max() <= 1


def test_variational_improves_its_bound_and_uses_its_codings(digits):
    untrained = Training.fresh(variant("variational"), small_config("variational"), (28, 28, 1), 0)
    training = trained("variational", digits, epochs=6, hidden_sizes=(100,))
    before, after = (evaluate(t.model, digits) for t in (untrained, training))
    assert after["loss"] < 0.6 * before["loss"]
    assert after["loss"] == pytest.approx(after["reconstruction_loss"] + after["latent_loss"])
    assert after["active_units"] >= 5


def test_the_bound_does_not_depend_on_the_latent_weight(digits):
    """The same weights under another beta have another loss and the same bound, which is the loss where beta is 1."""
    light = trained("variational", few(digits, 1000), latent_weight=0.1)
    plain = Training.fresh(variant("variational"), small_config("variational"), (28, 28, 1), 0)
    plain.restore(
        {name: tensor for name, tensor in light.tensors().items() if name.startswith("variable")},
        0,
        0,
    )
    one, other = (evaluate(training.model, digits) for training in (light, plain))
    assert one["bound"] == other["bound"] and one["loss"] < other["loss"]
    assert other["bound"] == pytest.approx(other["loss"], rel=1e-5)
    assert one["bound"] == pytest.approx(
        one["reconstruction_loss"] + one["latent_loss"] / 0.1, rel=1e-4
    )
    assert one["kl"] == pytest.approx(one["latent_loss"] / 0.1, rel=1e-4)


def test_both_posterior_forms_give_the_same_loss_for_the_same_cloud(digits):
    """A sigma head that says exp(log_var / 2) is the same model: equal terms up to the smoothing."""
    x = tf.constant(digits.valid.floats(20))
    models = {}
    for form in ("log_var", "sigma"):
        model = variant("variational")(
            small_config("variational", posterior=form), (28, 28, 1), np.random.default_rng(0)
        )
        model.heads[0].kernel.assign(tf.zeros_like(model.heads[0].kernel))
        model.heads[0].bias.assign(
            tf.fill(model.heads[0].bias.shape, -1.0 if form == "log_var" else float(np.exp(-0.5)))
        )
        models[form] = model.loss_terms(x, StepContext(RandomStream(0, 0), True))
    for term in models["log_var"]:
        assert float(models["log_var"][term]) == pytest.approx(
            float(models["sigma"][term]), rel=1e-5
        )


def test_random_codings_are_standard_normal_only_where_a_prior_was_trained(digits):
    rng = np.random.default_rng(0)
    network = trained("stacked", few(digits, 500)).model.network()
    split = digits.train.take(slice(0, 2000))
    fitted = variant("stacked").sample(network, 20_000, rng, split)
    codings = network.encode(split.floats())
    assert np.allclose(fitted.mean(axis=0), codings.mean(axis=0), atol=4 * codings.std() / 100)
    assert np.allclose(
        np.cov(fitted.T), np.cov(codings.T), atol=0.05 * np.var(codings, axis=0).max()
    )
    prior = variant("variational").sample(network, 20_000, rng, split)
    assert abs(prior.mean()) < 0.02 and prior.std() == pytest.approx(1, rel=0.02)
