"""Six architectures with transposed convolutions, after the literature: functions of ``keras`` that return a model.

The layers, their kernels, strides, paddings and input lengths are those of the papers. Filters are divided by the
``_FEWER`` of the function, so that a model needs megabytes and not gigabytes. They work with Keras 2 and Keras 3.
"""

from __future__ import annotations

from typing import Any, Callable

_FEWER = {"unet": 8, "dcgan": 8, "vae": 1, "fcn32": 16, "wavegan": 8, "vnet": 4}


def build_unet(keras: Any, size: Any = 352, padding: str = "valid", output_padding: Any = (0, 0, 0, 0)) -> Any:
    """Return the U-Net of Ronneberger and others (2015), with padding same in its convolutions.

    ``output_padding`` is that of the four transposed convolutions, from the deepest on; 0 stands for none.
    """
    layers, few = keras.layers, _FEWER["unet"]
    place = fed = keras.Input((size, size, 1), name="image")
    skips = []
    for level in range(4):
        filters = 64 * 2**level // few
        for part in "ab":
            fed = layers.Conv2D(filters, 3, padding="same", activation="relu", name="down%d%s" % (level, part))(fed)
        skips.append(fed)
        fed = layers.MaxPooling2D(2, name="pool%d" % level)(fed)
    fed = layers.Conv2D(1024 // few, 3, padding="same", activation="relu", name="bottom")(fed)
    for level, extra in zip((3, 2, 1, 0), output_padding):
        filters = 64 * 2**level // few
        given = {"output_padding": extra} if extra else {}
        fed = layers.Conv2DTranspose(filters, 2, strides=2, padding=padding, name="up%d" % level, **given)(fed)
        fed = layers.Concatenate(name="join%d" % level)([skips[level], fed])
        fed = layers.Conv2D(filters, 3, padding="same", activation="relu", name="up%da" % level)(fed)
    return keras.Model(place, layers.Conv2D(2, 1, name="classes")(fed), name="unet")


def build_dcgan(keras: Any) -> Any:
    """Return the generator of DCGAN (Radford and others, 2016): 100 numbers become an image of 64x64."""
    layers, few = keras.layers, _FEWER["dcgan"]
    place = keras.Input((100,), name="noise")
    fed = layers.Reshape((4, 4, 1024 // few))(layers.Dense(4 * 4 * 1024 // few, use_bias=False)(place))
    for filters in (512, 256, 128):
        fed = layers.ReLU()(layers.BatchNormalization()(fed))
        fed = layers.Conv2DTranspose(
            filters // few, 5, strides=2, padding="same", use_bias=False, name="up%d" % filters
        )(fed)
    fed = layers.ReLU()(layers.BatchNormalization()(fed))
    image = layers.Conv2DTranspose(3, 5, strides=2, padding="same", activation="tanh", name="image")(fed)
    return keras.Model(place, image, name="dcgan")


def build_vae_decoder(keras: Any) -> Any:
    """Return the decoder of the variational autoencoder of the Keras examples (Kingma and Welling, 2014): 28x28."""
    layers = keras.layers
    decoder = keras.Sequential(name="decoder")
    decoder.add(keras.Input((2,)))
    decoder.add(layers.Dense(7 * 7 * 64, activation="relu"))
    decoder.add(layers.Reshape((7, 7, 64)))
    decoder.add(layers.Conv2DTranspose(64, 3, activation="relu", strides=2, padding="same", name="up1"))
    decoder.add(layers.Conv2DTranspose(32, 3, activation="relu", strides=2, padding="same", name="up2"))
    decoder.add(layers.Conv2DTranspose(1, 3, activation="sigmoid", padding="same", name="pixels"))
    place = keras.Input((2,), name="latent")
    return keras.Model(place, decoder(place), name="vae")


def build_fcn32(keras: Any, size: int = 224) -> Any:
    """Return FCN-32s (Long and others, 2015): VGG-16, and one transposed convolution with kernel 64 and stride 32."""
    layers, few = keras.layers, _FEWER["fcn32"]
    place = fed = keras.Input((size, size, 3), name="image")
    for block, (filters, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        for part in range(1, count + 1):
            name = "block%d_conv%d" % (block, part)
            fed = layers.Conv2D(filters // few, 3, padding="same", activation="relu", name=name)(fed)
        fed = layers.MaxPooling2D(2, name="block%d_pool" % block)(fed)
    fed = layers.Conv2D(4096 // few, 7, padding="same", activation="relu", name="fc6")(fed)
    score = layers.Conv2D(21, 1, name="score")(fed)
    pixels = layers.Conv2DTranspose(21, 64, strides=32, padding="same", use_bias=False, name="upscore")(score)
    return keras.Model(place, pixels, name="fcn32")


def build_wavegan(keras: Any) -> Any:
    """Return the generator of WaveGAN (Donahue and others, 2019): 16,384 samples from five layers of kernel 25."""
    layers, few = keras.layers, _FEWER["wavegan"]
    place = keras.Input((100,), name="noise")
    fed = layers.Reshape((16, 1024 // few))(layers.Dense(16 * 1024 // few)(place))
    for filters in (512, 256, 128, 64):
        fed = layers.ReLU()(fed)
        fed = layers.Conv1DTranspose(filters // few, 25, strides=4, padding="same", name="up%d" % filters)(fed)
    fed = layers.ReLU()(fed)
    samples = layers.Conv1DTranspose(1, 25, strides=4, padding="same", activation="tanh", name="samples")(fed)
    return keras.Model(place, samples, name="wavegan")


def build_vnet(keras: Any, size: int = 32) -> Any:
    """Return V-Net (Milletari and others, 2016): kernels of 5, and 2 with strides 2 between the levels, in 3-D."""
    layers, few = keras.layers, _FEWER["vnet"]
    place = keras.Input((size, size, size // 2, 1), name="volume")
    fed = layers.Conv3D(16 // few, 5, padding="same", name="in")(place)
    skips = []
    for level in range(3):
        skips.append(fed)
        filters = 32 * 2**level // few
        fed = layers.PReLU(shared_axes=[1, 2, 3])(layers.Conv3D(filters, 2, strides=2, name="down%d" % level)(fed))
        fed = layers.Add()([fed, layers.Conv3D(filters, 5, padding="same", name="down%da" % level)(fed)])
    for level in (2, 1, 0):
        filters = 16 * 2**level // few
        fed = layers.Conv3DTranspose(filters, 2, strides=2, name="up%d" % level)(fed)
        fed = layers.Concatenate()([fed, skips[level]])
        fed = layers.Conv3D(filters, 5, padding="same", name="up%da" % level)(fed)
    return keras.Model(place, layers.Conv3D(2, 1, activation="softmax", name="classes")(fed), name="vnet")


ARCHITECTURES: dict[str, Callable[[Any], Any]] = {
    "unet-352": build_unet,
    # 358 and 451 are no multiples of 16: two of the four transposed convolutions need output_padding.
    "unet-358": lambda keras: build_unet(keras, 358, output_padding=(0, 1, 1, 0)),
    "unet-451": lambda keras: build_unet(keras, 451, output_padding=(0, 0, 1, 1)),
    "dcgan": build_dcgan,
    "vae": build_vae_decoder,
    "fcn32": build_fcn32,
    "wavegan": build_wavegan,
    "vnet": build_vnet,
}
