// @ts-check
/** Write a layer as the Keras call that makes it. */
import { written } from "#layer_words.js";

/** @import { Layer } from "#layer_shape.js" */

/**
 * Return the call of a layer; arguments that have their default are left out. layer_call.js reads it back.
 * @param {Layer} layer
 */
export function writeCall(layer) {
  const parts = [
    [`${layer.filters ?? "filters"}, ${written(layer.kernel_size)}`, true],
    [`strides=${written(layer.strides)}`, written(layer.strides) !== "1"],
    [`padding="${layer.padding}"`, layer.padding !== "valid"],
    [`output_padding=${written(layer.output_padding)}`, layer.output_padding !== null],
    [`data_format="${layer.data_format}"`, layer.data_format !== "channels_last"],
    [`dilation_rate=${written(layer.dilation_rate)}`, written(layer.dilation_rate) !== "1"],
    [`activation="${layer.activation}"`, layer.activation !== "linear"],
    ["use_bias=False", !layer.use_bias],
    [`dtype="${layer.dtype}"`, layer.dtype !== "float32"],
  ];
  const texts = parts.flatMap(([text, isWritten]) => (isWritten ? [text] : []));
  return `keras.layers.Conv${layer.size.length}DTranspose(${texts.join(", ")})`;
}
