# SPDX-License-Identifier: Apache-2.0
"""Read Fashion-MNIST as Debian's package dataset-fashion-mnist installs it; the masks and the noise of the segmenting network.

Training and checking must see the same bytes, so all come through here. The networks' input quantisation is fixed by
`quantise`: scale 1/255, zero point -128, so that int8 = uint8 - 128 and an image needs no arithmetic before it is fed.
"""
import gzip
import os

import numpy as np

FOLDER = os.environ.get('FMNIST_DIR', '/usr/share/datasets/fashion-mnist')
CLASSES = ('T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot')


def _idx(name):
    """One IDX file of unsigned bytes: magic 0x00 0x00 0x08 <rank>, then big-endian uint32 sizes, then the bytes."""
    path = os.path.join(FOLDER, name)
    try:
        raw = gzip.open(path, 'rb').read()
    except FileNotFoundError:
        raise SystemExit(f'{path}: not found; install it with: apt-get install dataset-fashion-mnist')
    if raw[:3] != b'\0\0\x08':
        raise SystemExit(f'{path}: not an IDX file of unsigned bytes')
    rank = raw[3]
    shape = np.frombuffer(raw, '>u4', rank, 4).astype(int)
    data = np.frombuffer(raw, np.uint8, offset=4 + 4 * rank)
    if data.size != shape.prod():
        raise SystemExit(f'{path}: {data.size} bytes of data where the header says {shape.prod()}')
    return data.reshape(shape)


def load(part):
    """part: 'train' (60,000) or 't10k' (10,000). Returns images uint8 [N,28,28,1] and labels uint8 [N]."""
    return _idx(f'{part}-images-idx3-ubyte.gz')[..., None], _idx(f'{part}-labels-idx1-ubyte.gz')


def quantise(images):
    """uint8 pixels to the networks' int8 input: subtract 128 (flip the top bit)."""
    return (images ^ 0x80).view(np.int8)


GARMENT = 16        # a pixel from this value on is not background
NOISE = 48          # standard deviation, in pixel values, of the noise in which the segmenting network is measured


def silhouettes(images):
    """bool, of the images' shape: the garment's pixels and what they enclose, such as dark prints: all but the dark pixels that reach
    the border through dark neighbours."""
    dark = np.pad(images < GARMENT, ((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=True)
    outside = dark.copy()
    outside[:, 1:-1, 1:-1] = False
    while True:                                 # a step further inwards each time
        before = outside.sum()
        outside[:, 1:] |= outside[:, :-1] & dark[:, 1:]
        outside[:, :-1] |= outside[:, 1:] & dark[:, :-1]
        outside[:, :, 1:] |= outside[:, :, :-1] & dark[:, :, 1:]
        outside[:, :, :-1] |= outside[:, :, 1:] & dark[:, :, :-1]
        if outside.sum() == before:
            return ~outside[:, 1:-1, 1:-1]


def noisy(images, rng, deviation):
    """uint8 with normal noise added; deviation is a number, or one for each image."""
    scale = np.broadcast_to(np.asarray(deviation, np.float32), len(images)).reshape(-1, 1, 1, 1)
    return np.clip(images + scale * rng.standard_normal(images.shape, np.float32), 0, 255).astype(np.uint8)


def segmentation(images):
    """The two sets in which the segmenting network is measured: (what, images uint8)."""
    return ('clean', images), ('noisy', noisy(images, np.random.default_rng(1), NOISE))


def iou(masks, truth):
    """Mean over the images of intersection over union."""
    return float(np.mean((masks & truth).sum((1, 2, 3)) / (masks | truth).sum((1, 2, 3))))
