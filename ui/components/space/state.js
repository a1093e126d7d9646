// What a visitor has chosen on the maps.

/** @typedef {import("./map.js").SpaceMap} SpaceMap */
/** @typedef {import("./cloud.js").Axes} Axes */
/** @typedef {[x: number, y: number]} Place on the plane, in codings */
/** @typedef {{ input: number } | { place: Place } | { own: true }} Pick own: the drawing */

/** All maps share it. */
export class State {
  /** @param {Float32Array | null} drawing the visitor's own */
  constructor(drawing) {
    this.drawing = drawing;
    this.mode = "look"; // or "lasso", or "line"
    /** @type {Axes} */
    this.axes = { principal: true, across: 0, up: 1 };
    /** @type {Set<number>} classes that are not drawn */
    this.hidden = new Set();
    /** @type {SpaceMap | null} the map that was touched last */
    this.active = null;
    /** @type {Place | null} where the visitor looks on it */
    this.pin = null;
    this.input = -1; // there; -1: none
    this.looked = 0; // the input that was looked at last
    /** @type {Float32Array | null} the image whose codings are shown as a cloud */
    this.subject = null;
    /** @type {[number, number][]} that is being drawn around inputs, in pixels */
    this.line = [];
    /** @type {Set<number> | null} inputs that a line was drawn around */
    this.chosen = null;
    /** @type {SpaceMap | null} the map that they were chosen on */
    this.chosenOn = null;
    /** @type {Pick[]} the two ends of the line between digits */
    this.picks = [];
  }

  /** @param {Float32Array | null} drawing in the place of the visitor's last one */
  redrawn(drawing) {
    if (this.subject === this.drawing) this.subject = drawing; // null: it is chosen anew
    if (!drawing) this.picks = this.picks.filter((pick) => !("own" in pick));
    this.drawing = drawing;
  }

  /** Drops what was chosen. */
  forget() {
    this.chosen = this.chosenOn = null;
    this.picks = [];
    this.line = [];
  }

  /** @param {Pick} pick another end of the line; a third one begins anew */
  add(pick) {
    this.picks = [...(this.picks.length > 1 ? [] : this.picks), pick];
  }

  /** @param {Axes} axes */
  look(axes) {
    this.axes = axes;
    this.pin = null;
    this.picks = this.picks.filter((pick) => !("place" in pick)); // of the plane before
  }
}
