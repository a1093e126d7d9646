// The map of one network: its inputs as dots over what the places decode to.
//
// Longer than other files: what comes at different times (dots, network, background) meets here.

import { Moments } from "../shared/moments.js";
import { forward, known } from "../shared/network.js";
import { clouded, NetworkMoments } from "../shared/networks.js";
import { brief } from "../shared/numbers.js";
import { contextOf } from "../shared/pictures.js";
import { Backdrop, Background } from "./background.js";
import {
  axesFor,
  cloudFrom,
  codingsAt,
  covarianceOf,
  placeOf,
  placesOf,
  turnTowards,
  UNTURNED,
} from "./cloud.js";
import { Contours } from "./contours.js";
import { coloursOn, Dots } from "./dots.js";
import { between, frameOf, inPlane, onCanvas } from "./frame.js";
import { around, paintNames, paintPath, paintRing, paintSign } from "./marks.js";

/** @typedef {import("./cloud.js").Cloud} Cloud */
/** @typedef {import("./cloud.js").Axes} Axes */
/** @typedef {import("./cloud.js").Places} Places */
/** @typedef {import("./dots.js").Inputs} Inputs */
/** @typedef {import("./frame.js").Frame} Frame */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */

/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("./state.js").State} State */

/**
 * How it is drawn. size: in pixels. ends: of the line between two digits, on the plane.
 * @typedef {{
 *   decoded: boolean, thumbs: boolean, contours: boolean, size: number,
 *   ends: [x: number, y: number][],
 * }} How
 */

const GLIDE = 220; // milliseconds from one moment to the next
const SETTLED = 250; // after which the network of a moment is fetched
export const BORDER = 2; // of the canvas, in pixels, on both sides together
const NEAR = 14; // pixels: a dot so near is meant

/** One network's map. */
export class SpaceMap {
  /**
   * @param {Source} source
   * @param {Inputs} inputs
   * @param {() => void} came called when something else is to be drawn
   */
  constructor(source, inputs, came) {
    this.source = source;
    this.inputs = inputs;
    this.came = came;
    this.dots = new Dots(inputs);
    this.clouds = new Moments(cloudFrom(source.codings), came);
    this.clouds.nearest = false; // how a map is turned depends on the maps before it
    this.networks = new NetworkMoments(source.network, came);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.settling = undefined;
    this.renewed = 0; // how often what was known of the dots was dropped
    /** @type {Cloud | null} */
    this.cloud = null;
    this.turn = UNTURNED;
    /** @type {Axes | null} that were asked for */
    this.wished = null;
    /** @type {Axes | null} that the places are of */
    this.axes = null;
    /** @type {{ from: Places, to: Places, frames: [Frame, Frame], since: number } | null} */
    this.gliding = null;
    /** @type {Places} as they are drawn */
    this.places = { x: new Float32Array(0), y: new Float32Array(0) };
    /** @type {Frame} */
    this.frame = { x: 0, y: 0, reach: 1, tall: 1 };
    /** of the image that was shown last, which stays while a finger moves
     * @type {{
     *   network: import("../shared/networks.js").Loaded, image: Float32Array,
     *   mean: Float32Array, deviation: Float32Array,
     * } | null} */
    this.gaussian = null;
    this.backdrop = new Backdrop();
    this.contours = new Contours();
    this.section = document.createElement("section");
    this.section.className = "source";
    this.title = document.createElement("h4");
    this.canvas = document.createElement("canvas");
    this.canvas.className = "plane";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.corner = document.createElement("p");
    this.corner.className = "ends";
    this.words = document.createElement("p");
    this.words.className = "words";
    this.section.append(this.title, this.canvas, this.corner, this.words);
    this.title.textContent = source.name;
    this.title.hidden = !source.name;
    this.clouds.take(source);
    this.settle(0);
  }

  /** @param {Source} source the same network, perhaps stored anew, or at another moment */
  renew(source) {
    this.source = source;
    this.title.textContent = source.name;
    this.clouds.take(source);
    this.settle(0);
  }

  /** @param {Travelled} travelled */
  follow(travelled) {
    if (travelled.run !== this.source.run) return;
    this.clouds.follow(travelled);
    this.settle(SETTLED);
  }

  /**
   * Fetches the network of the moment once the time slider rests.
   * @param {number} after milliseconds
   */
  settle(after) {
    clearTimeout(this.settling);
    if (this.clouds.renewed !== this.renewed) this.networks.forget(); // they may be others
    if (!this.inputs.images) return; // points have no pictures to decode
    this.settling = setTimeout(() => {
      this.renewed = this.clouds.renewed;
      this.networks.after(this.clouds, 0);
    }, after);
  }

  /** The network, if it is of the moment that the dots show and the page can compute it. */
  network() {
    const network = this.networks.shown();
    // While the time slider moves, the networks are asked for later than the dots.
    const wanted = this.networks.wanted === this.clouds.wanted && this.networks.here;
    const here = network && wanted && this.clouds.here;
    return here && known([...network.encoder, ...network.decoder]) ? network : null;
  }

  /**
   * Takes over the moment and the axes that are wanted; the dots glide to their new places.
   * @param {Axes} wished
   */
  arrange(wished) {
    const cloud = this.clouds.shown();
    if (!cloud || (cloud === this.cloud && wished === this.wished)) return;
    const { labels } = this.inputs, first = !this.cloud, others = wished !== this.wished;
    const axes = axesFor(cloud, wished);
    this.wished = wished;
    const { along } = cloud.arrays;
    this.turn = !axes.principal || !along || first || others || !this.axes?.principal
      ? UNTURNED
      : turnTowards(along, this.places);
    this.cloud = cloud;
    this.axes = axes;
    const to = placesOf(cloud, axes, this.turn, labels), frame = frameOf(to, cloud.size > 1);
    const still = first || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.gliding = {
      from: still ? to : this.places,
      to,
      frames: [still ? frame : this.frame, frame],
      since: performance.now() - (still ? GLIDE : 0),
    };
  }

  /** Moves the dots on; whether they still move. */
  glide() {
    if (!this.gliding) return false;
    const { from, to, frames: [before, after], since } = this.gliding;
    const t = Math.min(1, (performance.now() - since) / GLIDE), eased = t * (2 - t);
    const mix = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) =>
      t === 1 ? b : Float32Array.from(b, (value, i) => a[i] + eased * (value - a[i]));
    this.places = { x: mix(from.x, to.x), y: mix(from.y, to.y) };
    this.frame = between(before, after, eased);
    if (t === 1) this.gliding = null;
    return t < 1;
  }

  /**
   * @param {State} state
   * @param {How} how
   * @returns {boolean} whether it has to be drawn again soon
   */
  draw(state, how) {
    this.arrange(state.axes);
    const { cloud, canvas, axes } = this, { hidden, chosen } = state;
    if (!cloud || !axes) return false;
    const moves = this.glide(), dense = devicePixelRatio || 1, { size } = how;
    if (canvas.width !== Math.round(size * dense)) {
      canvas.width = canvas.height = Math.round(size * dense);
      canvas.style.width = canvas.style.height = `${size}px`;
      this.section.style.width = `${size + BORDER}px`;
    }
    const context = contextOf(canvas), style = getComputedStyle(canvas);
    context.setTransform(dense, 0, 0, dense, 0, 0);
    const more = this.paintBackdrop(context, axes, how, moves);
    const lit = how.decoded && this.backdrop.there;
    const paper = lit ? "#000" : style.getPropertyValue("--st-background-color").trim();
    const ink = lit ? "#fff" : style.color, colours = coloursOn(this.inputs, paper, ink);
    const at = this.onCanvas(size);
    if (how.contours && !moves) {
      const key = JSON.stringify([this.clouds.wanted, this.clouds.renewed, axes, this.frame, size]);
      this.contours.paint(context, { key, at, size, colours, hidden, inputs: this.inputs });
    }
    this.dots.draw(context, at, {
      colours,
      edge: lit ? "rgba(0,0,0,.75)" : paper,
      thumbs: how.thumbs,
      hidden,
      chosen,
    });
    const pen = { context, ink, paper };
    if (this.inputs.names.length > 1) {
      const font = `600 15px ${style.fontFamily}`;
      paintNames(pen, font, this.inputs, at, hidden);
    }
    this.paintMarks(pen, state, how);
    const { x, y, reach, tall } = this.frame,
      up = cloud.size > 1 ? ` · up ${brief(y - tall)} to ${brief(y + tall)}` : "";
    this.corner.textContent = `across ${brief(x - reach)} to ${brief(x + reach)}${up}`;
    const { dataset } = canvas; // for tests and measurements of the page
    dataset.frame = JSON.stringify(this.frame);
    dataset.frames = String(Number(dataset.frames ?? 0) + 1);
    dataset.moment = this.clouds.here && !moves ? this.clouds.wanted : "…";
    dataset.decoded = String(lit && this.backdrop.ready);
    dataset.lit = String(lit);
    return moves || more;
  }

  /**
   * The places of the inputs on a canvas, [n, 2] in pixels.
   * @param {number} size
   */
  onCanvas(size) {
    const { x, y } = this.places, at = new Float32Array(2 * x.length);
    for (let i = 0; i < x.length; i++) {
      at.set(onCanvas(this.frame, size, x[i], y[i]), 2 * i);
    }
    return at;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axes} axes
   * @param {How} how
   * @param {boolean} moves
   * @returns {boolean} whether more of it is to come
   */
  paintBackdrop(context, axes, { decoded, size }, moves) {
    const { cloud, frame, turn, backdrop, inputs: { shape } } = this;
    const network = moves ? null : this.network();
    context.clearRect(0, 0, size, size);
    if (!decoded || !cloud || !shape) return false;
    const key = JSON.stringify([this.clouds.wanted, this.clouds.renewed, axes, frame]);
    return backdrop.paint(
      context,
      size,
      key,
      () =>
        network && new Background(network.decoder, shape, (across, up) => {
          const place = inPlane(frame, 1, across, 1 - up);
          return codingsAt(cloud, axes, turn, ...place);
        }),
    );
  }

  /**
   * The line around inputs, the line between two digits, the drawing, and where the visitor looks.
   * @param {import("./marks.js").Pen} pen
   * @param {State} state
   * @param {How} how
   */
  paintMarks(pen, { active, line, pin, drawing, subject }, { ends, size }) {
    const on = ([x, y] = [0, 0]) => onCanvas(this.frame, size, x, y), spots = ends.map(on);
    for (const ellipse of subject ? this.ellipsesOf(subject) : []) {
      paintPath(pen, ellipse.map(on), true);
    }
    if (active === this) paintPath(pen, line, true);
    paintPath(pen, spots);
    spots.forEach((spot, i) => paintSign(pen, spot, "AB"[i]));
    const own = drawing && this.placeOfImage(drawing);
    if (own) paintSign(pen, on(own), "★");
    if (pin && active === this) paintRing(pen, on(pin));
  }

  /** @returns {string[]} sentences on what is missing */
  notes() {
    const { clouds, networks } = this, network = networks.shown();
    const unknown = network && !known([...network.encoder, ...network.decoder]);
    return [
      clouds.failed || (clouds.here ? "" : "The moment is on its way."),
      networks.failed,
      unknown ? "This network has a kind of layer that is not computed in the page." : "",
    ].filter(Boolean);
  }

  /**
   * Where an image lies on the plane; null if the network is not here.
   * @param {Float32Array} image
   * @returns {[number, number] | null}
   */
  placeOfImage(image) {
    const network = this.network();
    if (!network || !this.cloud || !this.axes) return null;
    return placeOf(this.cloud, this.axes, this.turn, forward(network.encoder, image));
  }

  /**
   * The Gaussian that the encoder gives for an image, at one and two standard deviations. None, if
   * the codings are not random.
   * @param {Float32Array} image
   */
  ellipsesOf(image) {
    const network = this.network(), { cloud, axes, turn } = this;
    if (!network?.spread.length || !cloud || !axes) return [];
    if (this.gaussian?.network !== network || this.gaussian.image !== image) {
      this.gaussian = { network, image, ...clouded(network, image) };
    }
    const { mean, deviation } = this.gaussian;
    const middle = placeOf(cloud, axes, turn, mean);
    const covariance = covarianceOf(cloud, axes, turn, deviation);
    return [1, 2].map((many) => around(middle, covariance, many));
  }

  /**
   * The codings at a place of the plane.
   * @param {[number, number]} place
   */
  codingsAt([x, y]) {
    if (!this.cloud || !this.axes) return null;
    return codingsAt(this.cloud, this.axes, this.turn, x, y);
  }

  /**
   * The place under a pointer, its pixels on the canvas, and the input that is meant; -1: none.
   * @param {{ clientX: number, clientY: number }} event
   * @param {Set<number>} hidden
   */
  under({ clientX, clientY }, hidden) {
    const box = this.canvas.getBoundingClientRect(), size = box.width;
    const left = clientX - box.left, top = clientY - box.top;
    const place = inPlane(this.frame, size, left, top);
    return {
      place,
      spot: /** @type {[number, number]} */ ([left, top]),
      input: this.nearest([left, top], size, hidden),
    };
  }

  /**
   * The input that is meant by a spot; -1 if none is near.
   * @param {[number, number]} spot in pixels
   * @param {number} size of the canvas
   * @param {Set<number>} hidden
   */
  nearest([left, top], size, hidden) {
    const at = this.onCanvas(size), { labels } = this.inputs;
    let best = -1, least = NEAR * NEAR;
    for (let i = 0; i < labels.length; i++) {
      const far = (at[2 * i] - left) ** 2 + (at[2 * i + 1] - top) ** 2;
      if (far < least && !hidden.has(labels[i])) [best, least] = [i, far];
    }
    return best;
  }

  dispose() {
    clearTimeout(this.settling);
    this.clouds.stop();
    this.networks.stop();
  }
}
