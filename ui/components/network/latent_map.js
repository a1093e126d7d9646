// The map of a network with two codings: its whole latent space as a picture, to drag over.

import { canvasAt, elementAt } from "../shared/elements.js";
import { contextOf } from "../shared/pictures.js";

const TILES = 20; // along each side
const MAP_REACH = 3; // standard deviations from the middle to an edge
const SLICE = 8; // milliseconds of decoding between two frames; then the row at hand is ended

/** @typedef {[first: number, second: number]} Place
 * the codings, in standard deviations from where their sliders rest */
/**
 * @typedef {(places: Place[], done: (tile: HTMLCanvasElement, i: number) => void, first: number) =>
 *   void} Paint first: the number of the first of these tiles on the map
 */
/** @typedef {{ paint: Paint, picked: (place: Place) => void }} Asked */

/** The map and the pin on it. */
export class LatentMap {
  /**
   * @param {HTMLElement} root
   * @param {{ height: number, width: number }} size of a tile, in pixels
   * @param {Asked} asked of the explorer: for the pictures of places, and what to do with one that
   *   is dragged to
   */
  constructor(root, size, asked) {
    this.size = size;
    this.asked = asked;
    this.alive = true;
    this.next = 0; // the row to paint
    this.board = canvasAt(root, ".board");
    this.pin = elementAt(root, ".pin");
    this.context = contextOf(this.board);
    this.board.width = TILES * size.width;
    this.board.height = TILES * size.height;
    this.board.onpointerdown = this.board.onpointermove = (event) => this.follow(event);
    this.some();
  }

  /** Paint as many rows as fit between two frames. */
  some() {
    const until = performance.now() + SLICE, { height, width } = this.size;
    while (this.alive && this.next < TILES && performance.now() < until) {
      const row = this.next++;
      const places = Array.from(
        { length: TILES },
        (_, column) => placeOf(column / (TILES - 1), row / (TILES - 1)),
      );
      this.asked.paint(
        places,
        (tile, column) => this.context.drawImage(tile, column * width, row * height),
        row * TILES,
      );
    }
    if (this.alive && this.next < TILES) requestAnimationFrame(() => this.some());
  }

  /** Paint all of it again, with another decoder. */
  repaint() {
    const painting = this.next < TILES; // then it begins again
    this.next = 0;
    if (!painting) requestAnimationFrame(() => this.some());
  }

  /** @param {PointerEvent} event */
  follow(event) {
    if (event.type === "pointerdown") this.board.setPointerCapture(event.pointerId);
    if (!(event.buttons & 1)) return;
    event.preventDefault();
    const box = this.board.getBoundingClientRect();
    this.asked.picked(
      placeOf((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height),
    );
  }

  /** @param {Place} place where the codings are */
  mark([first, second]) {
    this.pin.style.left = `${50 + (50 * first) / MAP_REACH}%`;
    this.pin.style.top = `${50 - (50 * second) / MAP_REACH}%`;
  }

  dispose() {
    this.alive = false;
  }
}

/**
 * The place at a share of the map's width and height; the second coding grows upwards.
 * @param {number} across
 * @param {number} down
 * @returns {Place}
 */
export function placeOf(across, down) {
  const within = (/** @type {number} */ t) => MAP_REACH * Math.max(-1, Math.min(1, t));
  return [within(2 * across - 1), within(1 - 2 * down)];
}
