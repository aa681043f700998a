# SPDX-License-Identifier: Apache-2.0
"""Train the networks that ship with Weft on Fashion-MNIST and write them as full-int8 .tflite files.

usage: train.py [mlp] [dscnn] [resnet]        (all three without arguments; about 17 minutes on one core)

Why in the tree: `make sim` must show real networks on real images with nothing downloaded, and a stranger must be able to
see where the files come from. For developers only: needs requirements.txt beside this file. Seeds, one thread and
deterministic kernels make a run repeatable on one machine; another CPU may round float32 training differently.
"""
import os
os.environ.update(TF_USE_LEGACY_KERAS='1', TF_CPP_MIN_LOG_LEVEL='3', CUDA_VISIBLE_DEVICES='', TF_ENABLE_ONEDNN_OPTS='1')
import subprocess
import sys
import time

sys.dont_write_bytecode = True              # nothing generated beside the sources

import numpy as np
import tensorflow as tf

import fmnist

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()
K = tf.keras
L = K.layers
HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 2024
BATCH = 128
CALIBRATION = 500        # training images that set the activations' ranges


# ---- the three topologies: float32 [N,28,28,1] in 0..1 to class probabilities [N,10]; MACs are kept small because
# ---- every one of them is also simulated cycle by cycle on the RTL

def conv(x, channels, kernel, stride=1, padding='same', relu=True):
    """CONV_2D; batch normalisation is folded into its filter and bias by the converter, RELU into its clamp."""
    x = L.Conv2D(channels, kernel, stride, padding=padding, use_bias=False, kernel_initializer='he_normal')(x)
    x = L.BatchNormalization(momentum=0.95)(x)
    return L.ReLU()(x) if relu else x


def depthwise(x, kernel, stride=1, padding='same'):
    x = L.DepthwiseConv2D(kernel, stride, padding=padding, use_bias=False, depthwise_initializer='he_normal')(x)
    return L.ReLU()(L.BatchNormalization(momentum=0.95)(x))


def mlp():
    """Fully connected layers of unequal width: nothing but streaming filters once each."""
    i = L.Input((28, 28, 1))
    x = L.Reshape((784,))(i)
    x = L.Dropout(0.2)(L.Dense(160, activation='relu')(x))
    x = L.Dropout(0.1)(L.Dense(64, activation='relu')(x))
    return K.Model(i, L.Softmax()(L.Dense(10)(x)))


def dscnn():
    """Depthwise-separable: 3x3 and 5x5 filters, strides 1 and 2, SAME and VALID, both kinds of pooling."""
    i = L.Input((28, 28, 1))
    x = conv(i, 16, 3)
    x = L.MaxPool2D(2)(x)                                             # 14x14
    x = conv(depthwise(x, 5), 32, 1)
    x = conv(depthwise(x, 3), 48, 1)
    x = conv(depthwise(x, 3, stride=2), 64, 1)                        # 7x7
    x = conv(depthwise(x, 3), 64, 1)
    x = conv(depthwise(x, 3, padding='valid'), 96, 1)                 # 5x5
    x = L.AveragePooling2D(5)(x)
    x = L.Dropout(0.2)(L.Reshape((96,))(x))
    return K.Model(i, L.Softmax()(L.Dense(10)(x)))


def residual(x, channels, stride):
    """Two 3x3 convolutions beside a shortcut; the shortcut is a 1x1 convolution when the shape changes."""
    y = conv(conv(x, channels, 3, stride), channels, 3, relu=False)
    if stride != 1 or x.shape[-1] != channels:
        x = conv(x, channels, 1, stride, relu=False)
    return L.ReLU()(L.Add()([x, y]))


def resnet():
    """Residual: 3x3 strides 1 and 2, 1x1 stride-2 shortcuts, an identity shortcut, odd sizes 28, 14, 7, 4."""
    i = L.Input((28, 28, 1))
    x = conv(i, 16, 3)
    x = residual(x, 16, 2)                                            # 14x14
    x = residual(x, 32, 2)                                            # 7x7
    x = residual(x, 32, 1)
    x = residual(x, 48, 2)                                            # 4x4
    x = L.Dropout(0.2)(L.GlobalAveragePooling2D()(x))
    return K.Model(i, L.Softmax()(L.Dense(10)(x)))


#        name: (topology, epochs, peak learning rate, augment)
NETWORKS = {'mlp': (mlp, 14, 1e-3, False), 'dscnn': (dscnn, 12, 4e-3, True), 'resnet': (resnet, 12, 3e-3, True)}


def batches(images, labels, epochs, augment):
    """One epoch at a time: shuffled, and when augmenting mirrored at random and moved by up to one pixel."""
    rng = np.random.RandomState(SEED)
    n = len(images) // BATCH * BATCH
    for _ in range(epochs):
        order = rng.permutation(len(images))[:n]
        x = images[order]
        if augment:
            mirror = rng.rand(n) < 0.5
            x[mirror] = x[mirror, :, ::-1]
            move = rng.randint(-1, 2, (n, 2))
            padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    m = (move[:, 0] == dy) & (move[:, 1] == dx)
                    x[m] = padded[m, 1 + dy:29 + dy, 1 + dx:29 + dx]
        yield x.astype(np.float32) / 255, labels[order].astype(np.int64)


def train(model, epochs, rate, augment, images, labels):
    """Adam, one-cycle cosine: a short linear rise, then a cosine down to zero."""
    steps = epochs * (len(images) // BATCH)
    schedule = K.optimizers.schedules.CosineDecay(rate / 10, steps - steps // 10, warmup_target=rate, warmup_steps=steps // 10)
    model.compile(K.optimizers.Adam(schedule), 'sparse_categorical_crossentropy', ['accuracy'])
    for e, (x, y) in enumerate(batches(images, labels, epochs, augment)):
        t = time.time()
        h = model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
        print(f'  epoch {e + 1}/{epochs}: loss {h.history["loss"][0]:.4f} accuracy {h.history["accuracy"][0]:.4f} '
              f'({time.time() - t:.0f} s)', flush=True)


def convert(model, images):
    """Post-training quantisation to int8 in, int8 out, batch 1. Returns the bytes of the file.

    The first calibration image holds both 0.0 and 1.0, so the input's range is exactly [0,1]: scale 1/255, zero point -128.
    Fully connected filters stay per tensor: the form every TFLite runtime since the format's beginning understands.
    """
    function = tf.function(lambda x: model(x, training=False))
    concrete = function.get_concrete_function(tf.TensorSpec((1, 28, 28, 1), tf.float32, name='input'))
    c = tf.lite.TFLiteConverter.from_concrete_functions([concrete], model)
    c.optimizations = [tf.lite.Optimize.DEFAULT]
    c.representative_dataset = lambda: ([x[None].astype(np.float32) / 255] for x in images)
    c.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    c.inference_input_type = c.inference_output_type = tf.int8
    c._experimental_disable_per_channel_quantization_for_dense_layers = True
    return c.convert()


def main(names):
    for name in names:
        if name not in NETWORKS:
            raise SystemExit(f'{name}: unknown network; one of {" ".join(NETWORKS)}')
    images, labels = fmnist.load('train')
    test_images, test_labels = fmnist.load('t10k')
    for name in names:
        build, epochs, rate, augment = NETWORKS[name]
        K.backend.clear_session()
        K.utils.set_random_seed(SEED)
        t = time.time()
        model = build()
        print(f'{name}: {model.count_params()} parameters, {epochs} epochs', flush=True)
        train(model, epochs, rate, augment, images, labels)
        p = model.predict(test_images.astype(np.float32) / 255, batch_size=500, verbose=0)
        path = os.path.join(HERE, f'fmnist_{name}.tflite')
        data = convert(model, images[:CALIBRATION])
        with open(path, 'wb') as f:
            f.write(data)
        print(f'{name}: float top-1 {np.mean(p.argmax(1) == test_labels):.4f} on {len(test_labels)} test images, '
              f'{len(data)} bytes, {time.time() - t:.0f} s', flush=True)
        # another process: two TFLite runtimes (TensorFlow's and LiteRT 1.2.0) do not belong in one
        subprocess.run([sys.executable, os.path.join(HERE, 'check.py'), path], check=True)


if __name__ == '__main__':
    main(sys.argv[1:] or list(NETWORKS))
