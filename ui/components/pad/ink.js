// What was drawn: strokes over an empty pad or over an image, with every step to undo.

import { contextOf } from "../shared/pictures.js";
import { AS_MNIST, inPlacing, measuresOf, placed } from "./centring.js";

/** @typedef {import("./centring.js").Placed} Placed */
/** @typedef {[x: number, y: number][]} Stroke in pixels of the image */
/**
 * base: the image under the strokes, in the placings that it is known in; none: nothing is there.
 * @typedef {{ base: Placed[], strokes: Stroke[] }} Drawing
 */

const FINE = 6; // the pad has so many times the image's pixels along each side
const WIDTH = 2.4; // of a stroke, in the image's pixels; centring scales it with the drawing

/** The drawing on a pad, for images of one size. */
export class Ink {
  /**
   * @param {number} height
   * @param {number} width
   */
  constructor(height, width) {
    this.height = height;
    this.width = width;
    /** @type {import("./centring.js").Placing[]} of the images that the networks know; all differ */
    this.placings = [AS_MNIST];
    /** @type {Drawing} */
    this.drawing = { base: [], strokes: [] };
    /** @type {Drawing[]} */
    this.before = [];
    this.canvas = document.createElement("canvas");
    this.canvas.width = FINE * width;
    this.canvas.height = FINE * height;
    this.canvas.getContext("2d", { willReadFrequently: true });
  }

  /** @param {Drawing} drawing replaces the present one, which `undo` brings back */
  set(drawing) {
    this.before.push(this.drawing);
    this.drawing = drawing;
  }

  /** @param {[number, number]} point */
  begin(point) {
    const { base, strokes } = this.drawing;
    this.set({ base: strokes.length ? base : this.under(), strokes: [...strokes, [point]] });
  }

  /** @param {[number, number]} point */
  draw(point) {
    this.drawing.strokes.at(-1)?.push(point);
  }

  undo() {
    this.drawing = this.before.pop() ?? this.drawing;
  }

  /**
   * The base as it is seen: in the first placing. Strokes keep the one that they were drawn on.
   * @returns {Placed[]} one, or none
   */
  under() {
    const { drawing: { base, strokes }, width, height, placings: [placing] } = this;
    if (strokes.length || !base.length) return base;
    return [{ placing, image: inPlacing(base, height, width, placing) }];
  }

  /** Paints the drawing as it was drawn, on `canvas`. */
  paint() {
    const { canvas, width, height, drawing: { strokes } } = this, context = contextOf(canvas);
    const [base] = this.under();
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (base) {
      const small = document.createElement("canvas");
      small.width = width;
      small.height = height;
      const image = contextOf(small).createImageData(width, height);
      base.image.forEach((value, i) =>
        image.data.set([255 * value, 255 * value, 255 * value, 255], 4 * i)
      );
      contextOf(small).putImageData(image, 0, 0);
      context.imageSmoothingEnabled = Boolean(strokes.length); // else it is seen as it is
      context.drawImage(small, 0, 0, canvas.width, canvas.height);
    }
    context.strokeStyle = context.fillStyle = "#fff";
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = WIDTH * FINE;
    for (const stroke of strokes) {
      context.beginPath();
      for (const [x, y] of stroke) context.lineTo(FINE * x, FINE * y);
      if (stroke.length === 1) context.lineTo(FINE * stroke[0][0] + 0.01, FINE * stroke[0][1]);
      context.stroke();
    }
  }

  /**
   * Paints the drawing, and gives its image [height * width] in [0, 1] in each of the placings. An
   * image that nobody has drawn on is left as it is in the placings that it is known in.
   * @returns {Placed[]}
   */
  images() {
    const { drawing: { base, strokes }, width, height, canvas, placings } = this;
    this.paint();
    if (!strokes.length) {
      return placings.map((placing) => {
        return { placing, image: inPlacing(base, height, width, placing) };
      });
    }
    const { data } = contextOf(canvas).getImageData(0, 0, canvas.width, canvas.height),
      fine = new Float32Array(canvas.width * canvas.height);
    for (let i = 0; i < fine.length; i++) fine[i] = data[4 * i] / 255;
    const measures = measuresOf(fine, canvas.height, canvas.width);
    return placings.map((placing) => {
      return { placing, image: placed(measures, height, width, placing) };
    });
  }
}
