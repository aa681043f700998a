# SPDX-License-Identifier: Apache-2.0
"""Read Fashion-MNIST as Debian's package dataset-fashion-mnist installs it.

Training and checking must see the same bytes, so both come through here. The networks' input quantisation is fixed by
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
