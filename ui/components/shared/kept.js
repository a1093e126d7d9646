// The drawing, kept in the browser for the visitor's next pad: another run's, or after a reload.

/** @typedef {import("../pad/centring.js").Placed} Placed */

const KEY = "lab-drawing"; // with the size behind it

/**
 * @param {Placed[]} images of the drawing, [height * width] each
 * @param {number} height
 * @param {number} width
 */
export function keepDrawing(images, height, width) {
  const kept = images.map(({ placing, image }) => {
    return { placing, image: Array.from(image, (value) => Math.round(255 * value)) };
  });
  try {
    sessionStorage.setItem(`${KEY}-${height}-${width}`, JSON.stringify(kept));
  } catch {
    // a browser that keeps nothing
  }
}

/**
 * The drawing that was kept, in the placings that it is known in; none if it is of another size, or
 * empty.
 * @param {number} height
 * @param {number} width
 * @returns {Placed[]}
 */
export function drawingKept(height, width) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`${KEY}-${height}-${width}`) ?? "[]");
    /** @type {Placed[]} */
    const images = kept.map((/** @type {Placed} */ { placing: { box, byMass }, image }) => {
      return {
        placing: { box: Number(box), byMass: Boolean(byMass) },
        image: Float32Array.from(image, (value) => Number(value) / 255),
      };
    });
    const fits = images.every(({ placing: { box }, image }) =>
      box > 0 && image.length === height * width && image.some((value) => value > 0)
    );
    return fits ? images : [];
  } catch {
    return []; // a browser that keeps nothing, or something else under that name
  }
}
