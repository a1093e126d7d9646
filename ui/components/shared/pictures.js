// Paints images into canvases.

/**
 * One image of values in [0, 1] into the canvas's own pixels: grey with one channel, red, green and
 * blue with three.
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} values [height, width, channels], flat
 * @param {number} width
 * @param {number} height
 * @param {number} [channels]
 * @param {(value: number) => number} [level] of a value, as a byte
 */
export function paint(canvas, values, width, height, channels = 1, level = levelOf) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = contextOf(canvas), image = context.createImageData(width, height);
  fillPixels(image.data, values, channels, level);
  context.putImageData(image, 0, 0);
}

/**
 * Values in [0, 1] as red, green, blue and opacity; what lies outside is clipped.
 * @param {Uint8ClampedArray} pixels
 * @param {ArrayLike<number>} values
 * @param {number} channels
 * @param {(value: number) => number} [level] of a value, as a byte
 */
export function fillPixels(pixels, values, channels, level = levelOf) {
  // a grey image gives each colour its one channel
  const green = channels === 3 ? 1 : 0, blue = 2 * green;
  for (let i = 0, p = 0; i < values.length; i += channels, p += 4) {
    pixels[p] = level(values[i]);
    pixels[p + 1] = level(values[i + green]);
    pixels[p + 2] = level(values[i + blue]);
    pixels[p + 3] = 255;
  }
}

/** @param {number} value */
function levelOf(value) {
  return value <= 0 ? 0 : value >= 1 ? 255 : Math.round(value * 255);
}

/**
 * The ith of several images of bytes.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} bytes [n, height, width, channels], flat
 * @param {number} i
 * @param {number} width
 * @param {number} height
 * @param {number} [channels]
 */
export function paintBytes(canvas, bytes, i, width, height, channels = 1) {
  const size = width * height * channels, mine = bytes.subarray(i * size, (i + 1) * size);
  paint(canvas, mine, width, height, channels, (byte) => byte);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * A grey image in every channel.
 * @param {Float32Array} grey
 * @param {number} channels
 */
export function inChannels(grey, channels) {
  if (channels === 1) return grey;
  return Float32Array.from(
    { length: grey.length * channels },
    (_, i) => grey[Math.floor(i / channels)],
  );
}

/**
 * The brightness of images, each [height * width] in [0, 1].
 * @param {ArrayLike<number>} bytes [n, height, width, channels], flat
 * @param {number} size pixels of an image
 * @param {number} channels
 * @returns {Float32Array[]}
 */
export function brightness(bytes, size, channels) {
  return Array.from({ length: bytes.length / (size * channels) }, (_, i) => {
    const image = new Float32Array(size);
    for (let k = 0; k < size; k++) {
      for (let c = 0; c < channels; c++) {
        image[k] += bytes[(i * size + k) * channels + c] / 255 / channels;
      }
    }
    return image;
  });
}
