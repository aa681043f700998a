# SPDX-License-Identifier: Apache-2.0
"""The shipped networks' layers: float32 [N,28,28,1] in 0..1 to class probabilities [N,10], or for unet to a mask's logits [N,28,28,1].

Apart from train.py so that a layer can be looked up without reading how it is trained. Multiply-accumulates are kept small because every
network is also simulated cycle by cycle on the RTL. Together they hold the operators that convolutional, attention, recurrent and
encoder-decoder networks are made of, in the form in which TensorFlow's converter writes them.
"""
import tensorflow as tf

K = tf.keras
L = K.layers


def image():
    return L.Input((28, 28, 1))


def classifier(i, x):
    """Ten classes from a row of features."""
    return K.Model(i, L.Softmax()(L.Dense(10)(x)))


def normalised(x):
    return L.BatchNormalization(momentum=0.95)(x)


def conv(x, channels, kernel, stride=1, padding='same', relu=True):
    """CONV_2D; batch normalisation is folded into its filter and bias by the converter, RELU into its clamp."""
    x = normalised(L.Conv2D(channels, kernel, stride, padding=padding, use_bias=False, kernel_initializer='he_normal')(x))
    return L.ReLU()(x) if relu else x


def depthwise(x, kernel, stride=1, padding='same'):
    return L.ReLU()(normalised(L.DepthwiseConv2D(kernel, stride, padding=padding, use_bias=False, depthwise_initializer='he_normal')(x)))


def mlp():
    """Fully connected layers of unequal width: nothing but streaming filters once each."""
    i = image()
    x = L.Reshape((784,))(i)
    x = L.Dropout(0.2)(L.Dense(160, activation='relu')(x))
    x = L.Dropout(0.1)(L.Dense(64, activation='relu')(x))
    return classifier(i, x)


def dscnn():
    """Depthwise-separable: 3x3 and 5x5 filters, strides 1 and 2, SAME and VALID, both kinds of pooling."""
    i = image()
    x = conv(i, 16, 3)
    x = L.MaxPool2D(2)(x)                                             # 14x14
    x = conv(depthwise(x, 5), 32, 1)
    x = conv(depthwise(x, 3), 48, 1)
    x = conv(depthwise(x, 3, stride=2), 64, 1)                        # 7x7
    x = conv(depthwise(x, 3), 64, 1)
    x = conv(depthwise(x, 3, padding='valid'), 96, 1)                 # 5x5
    x = L.AveragePooling2D(5)(x)
    return classifier(i, L.Dropout(0.2)(L.Reshape((96,))(x)))


def residual(x, channels, stride):
    """Two 3x3 convolutions beside a shortcut; the shortcut is a 1x1 convolution when the shape changes."""
    y = conv(conv(x, channels, 3, stride), channels, 3, relu=False)
    if stride != 1 or x.shape[-1] != channels:
        x = conv(x, channels, 1, stride, relu=False)
    return L.ReLU()(L.Add()([x, y]))


def resnet():
    """Residual: 3x3 strides 1 and 2, 1x1 stride-2 shortcuts, an identity shortcut, odd sizes 28, 14, 7, 4."""
    i = image()
    x = conv(i, 16, 3)
    x = residual(x, 16, 2)                                            # 14x14
    x = residual(x, 32, 2)                                            # 7x7
    x = residual(x, 32, 1)
    x = residual(x, 48, 2)                                            # 4x4
    return classifier(i, L.Dropout(0.2)(L.GlobalAveragePooling2D()(x)))


class Position(L.Layer):
    """Adds a learned row to each token: attention alone does not know where a patch stands."""

    def build(self, shape):
        self.table = self.add_weight('table', shape[1:], initializer=K.initializers.RandomNormal(stddev=0.1))

    def call(self, x):
        return x + self.table


def layer_norm(x):
    """Over each token's features. From an epsilon of 1e-5 on Keras would take its fused kernel, which the converter wraps in TRANSPOSE."""
    return L.LayerNormalization(epsilon=1e-6)(x)


def transformer(dim=32, heads=2, hidden=64):
    """A vision transformer of one block: 49 tokens, each a patch of 4x4 pixels; normalisation before attention and before the MLP."""
    i = image()
    x = Position()(L.Reshape((49, dim))(L.Conv2D(dim, 4, 4)(i)))
    y = layer_norm(x)
    x = L.Add()([x, L.MultiHeadAttention(heads, dim // heads)(y, y)])
    y = L.Dense(hidden, activation='gelu')(layer_norm(x))
    x = L.Add()([x, L.Dense(dim)(y)])
    return classifier(i, L.GlobalAveragePooling1D()(layer_norm(x)))


def lstm(units=32):
    """Reads the image's 28 rows from top to bottom; the state after the last row decides."""
    i = image()
    return classifier(i, L.LSTM(units)(L.Reshape((28, 28))(i)))


def unet():
    """Encoder and decoder with a skip at each resolution, one way of enlarging each; padded to 32x32 so that sizes halve evenly."""
    i = image()
    fine = conv(L.ZeroPadding2D(2)(i), 8, 3)                          # 32x32
    middle = conv(L.MaxPool2D(2)(fine), 16, 3)                        # 16x16
    x = conv(L.MaxPool2D(2)(middle), 24, 3)                           # 8x8
    x = L.Conv2DTranspose(16, 3, 2, padding='same', use_bias=False, kernel_initializer='he_normal')(x)
    x = L.Concatenate()([L.ReLU()(normalised(x)), middle])
    x = L.UpSampling2D(2, interpolation='bilinear')(conv(x, 12, 3))   # 32x32
    x = conv(L.Concatenate()([x, fine]), 8, 3)
    return K.Model(i, L.Cropping2D(2)(L.Conv2D(1, 1)(x)))
