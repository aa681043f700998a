# SPDX-License-Identifier: Apache-2.0
"""Train the networks that ship with Weft on Fashion-MNIST and write them as full-int8 .tflite files.

usage: train.py [mlp] [dscnn] [resnet] [transformer] [lstm] [unet]        (all without arguments; about 30 minutes on one core)

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
import topologies

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
tf.config.experimental.enable_op_determinism()
K = tf.keras
HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 2024
BATCH = 128
CALIBRATION = 500        # training images that set the activations' ranges
CLASSES = 'sparse_categorical_crossentropy'
MASK = K.losses.BinaryCrossentropy(from_logits=True)

#        name: (topology, loss, epochs, peak learning rate, augment)
NETWORKS = {'mlp': (topologies.mlp, CLASSES, 14, 1e-3, False), 'dscnn': (topologies.dscnn, CLASSES, 12, 4e-3, True),
            'resnet': (topologies.resnet, CLASSES, 12, 3e-3, True), 'transformer': (topologies.transformer, CLASSES, 30, 4e-3, False),
            'lstm': (topologies.lstm, CLASSES, 25, 5e-3, False), 'unet': (topologies.unet, MASK, 6, 4e-3, True)}


def batches(images, labels, epochs, augment):
    """One epoch at a time: shuffled, and when augmenting mirrored at random and moved by up to one pixel.

    labels is one class an image, or one mask an image: then a mask moves with its image, which gets noise of up to 1.3 NOISE.
    """
    rng = np.random.RandomState(SEED)
    noise = np.random.default_rng(SEED)
    masks = labels.ndim > 1
    n = len(images) // BATCH * BATCH
    if masks:
        images = np.concatenate([images, labels], -1)
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
        y = labels[order].astype(np.int64)
        if masks:
            x, y = fmnist.noisy(x[..., :1], noise, noise.uniform(0, 1.3 * fmnist.NOISE, n)), x[..., 1:].astype(np.float32)
        yield x.astype(np.float32) / 255, y


def train(model, loss, epochs, rate, augment, images, labels):
    """Adam, one-cycle cosine: a short linear rise, then a cosine down to zero."""
    steps = epochs * (len(images) // BATCH)
    schedule = K.optimizers.schedules.CosineDecay(rate / 10, steps - steps // 10, warmup_target=rate, warmup_steps=steps // 10)
    right = 'accuracy' if loss == CLASSES else K.metrics.BinaryAccuracy('accuracy', threshold=0)
    model.compile(K.optimizers.Adam(schedule), loss, [right])
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


def figure(model, loss, images, labels):
    """The float32 model on the test images: what check.py measures of the int8 file."""
    def outputs(x):
        return model.predict(x.astype(np.float32) / 255, batch_size=500, verbose=0)
    if loss == CLASSES:
        return f'top-1 {np.mean(outputs(images).argmax(1) == labels):.4f}'
    return ', '.join(f'IoU {fmnist.iou(outputs(x) > 0, labels):.4f} ({what})' for what, x in fmnist.segmentation(images))


def main(names):
    for name in names:
        if name not in NETWORKS:
            raise SystemExit(f'{name}: unknown network; one of {" ".join(NETWORKS)}')
    for name in names:
        build, loss, epochs, rate, augment = NETWORKS[name]
        (images, labels), (test_images, test_labels) = fmnist.load('train'), fmnist.load('t10k')
        calibration = images[:CALIBRATION].copy()
        if loss == MASK:
            labels, test_labels = fmnist.silhouettes(images).astype(np.uint8), fmnist.silhouettes(test_images)
            calibration[1::2] = fmnist.noisy(calibration[1::2], np.random.default_rng(SEED), fmnist.NOISE)
        K.backend.clear_session()
        K.utils.set_random_seed(SEED)
        t = time.time()
        model = build()
        print(f'{name}: {model.count_params()} parameters, {epochs} epochs', flush=True)
        train(model, loss, epochs, rate, augment, images, labels)
        path = os.path.join(HERE, f'fmnist_{name}.tflite')
        data = convert(model, calibration)
        with open(path, 'wb') as f:
            f.write(data)
        print(f'{name}: float {figure(model, loss, test_images, test_labels)} on {len(test_labels)} test images, '
              f'{len(data)} bytes, {time.time() - t:.0f} s', flush=True)
        # another process: two TFLite runtimes (TensorFlow's and LiteRT 1.2.0) do not belong in one
        subprocess.run([sys.executable, os.path.join(HERE, 'check.py'), path], check=True)


if __name__ == '__main__':
    main(sys.argv[1:] or list(NETWORKS))
