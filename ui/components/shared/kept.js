// The drawing, kept in the browser for the visitor's next pad: another run's, or after a reload.

const KEY = "lab-drawing"; // with the size behind it

/**
 * @param {Float32Array} image [height * width]
 * @param {number} height
 * @param {number} width
 */
export function keepDrawing(image, height, width) {
  const values = Array.from(image, (value) => Math.round(255 * value));
  try {
    sessionStorage.setItem(`${KEY}-${height}-${width}`, JSON.stringify(values));
  } catch {
    // a browser that keeps nothing
  }
}

/**
 * The drawing that was kept, if it is of this size and not empty.
 * @param {number} height
 * @param {number} width
 * @returns {Float32Array | null}
 */
export function drawingKept(height, width) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`${KEY}-${height}-${width}`) ?? "[]");
    const image = Float32Array.from(kept, (value) => Number(value) / 255);
    return image.length === height * width && image.some((value) => value > 0) ? image : null;
  } catch {
    return null; // a browser that keeps nothing, or something else under that name
  }
}
