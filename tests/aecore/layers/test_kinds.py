"""Every kind of layer: NumPy's forward pass against TensorFlow's, files, shapes and counts."""

import numpy as np
import pytest
import tensorflow as tf

from aecore.errors import LabError
from aecore.layers import (
    KINDS,
    Convolution,
    Dense,
    TopK,
    Transposed,
    TransposedConvolution,
    size_of,
)
from aecore.models.stacked import Stacked
from aecore.network import Network

CASES = [
    (Dense(7, "elu"), (5,)),
    (Dense(7, "selu", orthogonal=True), (4, 5, 1)),
    (Transposed(0, 9, "tanh"), (6,)),
    (TopK(3), (8,)),
    (Convolution(4, 5, 2, "relu"), (28, 28, 1)),
    (Convolution(4, 3, 2, "elu"), (7, 9, 3)),
    (Convolution(2, 2, 3, "linear"), (8, 5, 2)),
    (Convolution(3, 4, 1, "sigmoid"), (6, 5, 1)),
    (TransposedConvolution((28, 28, 1), 5, 2, "sigmoid"), (14, 14, 4)),
    (TransposedConvolution((7, 9, 3), 3, 2, "elu"), (4 * 5 * 2,)),  # a dense layer's flat outputs
    (TransposedConvolution((8, 5, 2), 2, 3, "linear"), (3, 2, 4)),
    (TransposedConvolution((6, 5, 1), 4, 1, "tanh"), (6, 5, 2)),
]


def built(spec, shape):
    """The layer, its biases drawn too; the encoder's layer to share has 9 inputs and 6 outputs."""
    rng = np.random.default_rng(0)
    shared = Dense(6).build((9,), rng)
    layer = spec.build(shape, rng, [shared])
    for variable in layer.variables:
        variable.assign(rng.standard_normal(variable.shape))
    return layer


@pytest.mark.parametrize(("spec", "shape"), CASES, ids=str)
def test_numpy_computes_what_tensorflow_does(spec, shape):
    layer = built(spec, shape)
    stored = layer.stored()
    x = np.random.default_rng(1).standard_normal((600, size_of(shape)), dtype=np.float32)
    made = layer(tf.constant(x)).numpy()
    assert made.shape == (600, size_of(spec.output_shape(shape)))
    assert (stored.n_inputs, stored.n_outputs) == (x.shape[1], made.shape[1])
    assert np.allclose(stored(x), made, atol=1e-4)


@pytest.mark.parametrize(("spec", "shape"), CASES, ids=str)
def test_parameters_are_counted_without_building(spec, shape):
    assert spec.parameters(shape) == sum(
        int(np.prod(v.shape)) for v in built(spec, shape).variables
    )


@pytest.mark.parametrize(("spec", "shape"), CASES, ids=str)
def test_a_file_gives_the_layer_back(spec, shape):
    layer = built(spec, shape).stored()
    network = Network((layer,), (layer,))
    again = Network.from_bytes(network.to_bytes())
    assert type(again.encoder[0]) is type(layer) is KINDS[layer.kind]
    assert again.encoder[0].describe() == layer.describe()
    assert again.fingerprint == network.fingerprint
    x = np.random.default_rng(1).standard_normal((3, layer.n_inputs), dtype=np.float32)
    assert np.array_equal(again.encoder[0](x), layer(x))


def test_a_transposed_convolution_is_the_transpose_of_its_convolution():
    """<conv(x), y> = <x, transposed(y)> with the same kernel, no bias and no activation."""
    rng = np.random.default_rng(2)
    conv = Convolution(4, 5, 2).build((9, 7, 3), rng).stored()
    back = TransposedConvolution((9, 7, 3), 5, 2).build((5, 4, 4), rng).stored()
    back = type(back)(conv.kernel, back.bias, "linear", (9, 7, 3), 2)
    x, y = rng.standard_normal((1, 189), np.float32), rng.standard_normal((1, 80), np.float32)
    assert np.sum(conv(x) * y) == pytest.approx(np.sum(x * back(y)), rel=1e-4)


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize(
    ("spec", "shape"),
    [
        (lambda a: Dense(2000, a), (500,)),
        (lambda a: Convolution(64, 5, 2, a), (28, 28, 16)),
        (lambda a: TransposedConvolution((28, 28, 16), 5, 2, a), (14, 14, 64)),
    ],
)
def test_first_weights_keep_the_size_of_what_goes_through(spec, shape, activation):
    """He's variance before a rectifier, Glorot's elsewhere: outputs are about as large."""
    layer = spec(activation).build(shape, np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((20, size_of(shape)), dtype=np.float32)
    logits = layer.logits(tf.constant(x)).numpy()
    fan_in = {Dense: 500}.get(type(spec(activation)), 400)
    fan_out = {Dense: 2000, Convolution: 1600 / 4}.get(type(spec(activation)), 400)
    wanted = 2.0 if activation == "relu" else 2 * fan_in / (fan_in + fan_out)
    assert np.mean(logits**2) == pytest.approx(wanted, rel=0.25)


def test_top_k_keeps_the_largest_and_lets_the_gradient_through_them_alone():
    layer = TopK(2).build((4,), np.random.default_rng(0))
    x = tf.constant([[3.0, -1.0, 2.0, 1.0], [-4.0, -1.0, -2.0, -3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        kept = layer(x)
        value = tf.reduce_sum(kept * [1.0, 2.0, 3.0, 4.0])
    assert kept.numpy().tolist() == [[3, 0, 2, 0], [0, -1, -2, 0]]
    assert tape.gradient(value, x).numpy().tolist() == [[1, 0, 3, 0], [0, 2, 3, 0]]


def test_an_unknown_kind_is_refused_in_one_sentence():
    layer = built(Dense(3), (3,)).stored()
    blob = Network((layer,), (layer,)).to_bytes().replace(b"dense", b"tense")
    with pytest.raises(LabError, match="damaged or not the lab's own"):
        Network.from_bytes(blob)


def test_networks_of_before_are_read():
    """Files of version 0.1.0 name the layers' activations; all of their layers are dense."""
    import json

    from safetensors.numpy import save

    layer = built(Dense(4, "elu"), (3,)).stored()
    arrays = {f"{s}.0.{n}": a for s in ("encoder", "decoder") for n, a in layer.arrays().items()}
    activations = json.dumps({"encoder.0": "elu", "decoder.0": "elu"})
    network = Network.from_bytes(save(arrays, metadata={"activations": activations}))
    assert network.fingerprint == Network((layer,), (layer,)).fingerprint


class _Headed(Stacked):
    """A head beside a last layer that has no weights."""

    name = "headed"

    @classmethod
    def encoder_layers(cls, config, shape):
        return [Dense(20, "elu"), Dense(config.codings_size), TopK(3)]

    @classmethod
    def extra_heads(cls, config):
        return [Dense(4)]


def test_a_head_gets_what_the_last_layer_gets_whatever_kind_that_is():
    config = _Headed.Config(codings_size=8, hidden_sizes=(20,))
    model = _Headed(config, (28, 28, 1), np.random.default_rng(0))
    assert model.heads[0].kernel.shape == (8, 4)
    assert model.parameters == _Headed.count_parameters(config, (28, 28, 1))
    assert _Headed.layer_shapes(config, (28, 28, 1))[0] == [(28, 28, 1), (20,), (8,), (20,), (784,)]
