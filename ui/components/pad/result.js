// What one network makes of the drawing: its image, PCA's beside it, its codings, its error.

import { known } from "../shared/network.js";
import { NetworkMoments, projected, rebuilt, wordsOfPlace } from "../shared/networks.js";
import { brief } from "../shared/numbers.js";
import { paint } from "../shared/pictures.js";
import { paintBars, wordsOfBars } from "./bars.js";
import { hardness, squaredError } from "./hardness.js";

/** @typedef {import("../shared/moments.js").Source} Source */
/** @typedef {import("../shared/moments.js").Travelled} Travelled */
/** @typedef {[height: number, width: number, channels: number]} Shape */
/** @typedef {Source & { data: number }} Known a network, and the place of the data that it learned */

const AHEAD = 2; // moments whose networks are fetched before they are asked for
const SAID = 10; // codings that a screen reader is told

/** A network's card. */
export class Result {
  /**
   * @param {Known} source
   * @param {() => void} came called when its network has come
   */
  constructor({ name, run, network, moment, stored, data }, came) {
    this.run = run;
    this.data = data;
    this.moments = new NetworkMoments(network, came, { measured: true });
    this.card = document.createElement("section");
    this.card.className = "result";
    this.title = document.createElement("h4");
    this.title.textContent = name;
    const both = document.createElement("div");
    both.className = "both";
    this.own = pictureWith(both, `What ${name} makes of the drawing`);
    this.plane = pictureWith(both, "What PCA makes of it");
    this.bars = document.createElement("canvas");
    this.bars.className = "bars";
    this.bars.setAttribute("role", "img");
    this.words = document.createElement("p");
    this.words.className = "words";
    this.ofBars = document.createElement("span"); // a small screen has no room for it
    this.ofBars.className = "of-bars";
    this.card.append(this.title, both, this.bars, this.words);
    this.moments.take({ moment, stored });
  }

  /** @param {Known} source the same network, perhaps stored anew, or at another moment */
  again(source) {
    this.title.textContent = source.name;
    this.data = source.data;
    this.moments.take(source);
  }

  /** @param {Travelled} travelled the time slider has moved, or the training has gone on */
  follow(travelled) {
    if (travelled.run === this.run) this.moments.follow(travelled, AHEAD);
  }

  /**
   * Whether the network has a layer that the page does not know; then the card says so.
   * @param {import("../shared/networks.js").Loaded} network
   */
  cannot({ encoder, decoder }) {
    if (known([...encoder, ...decoder])) return false;
    this.words.textContent = "This network has a kind of layer that is not computed in the page.";
    return true;
  }

  /**
   * @param {Float32Array} seen what the network gets [pixels * channels]
   * @param {Float32Array} wanted what it ought to give
   * @param {{ shape: Shape, repairs: boolean, empty: boolean }} of
   */
  show(seen, wanted, { shape: [height, width, channels], repairs, empty }) {
    const { moments } = this, network = moments.shown();
    if (!network) {
      this.words.textContent = moments.failed || "On its way …";
      return;
    }
    if (this.cannot(network)) return;
    const { codings, made } = rebuilt(network, seen), error = squaredError(made, wanted);
    paint(this.own.canvas, made, width, height, channels);
    this.own.caption.textContent = `error ${brief(error)}`;
    paintBars(this.bars, codings);
    const first = Array.from(codings.subarray(0, SAID), brief).join(", ");
    this.bars.setAttribute("aria-label", `Codings: ${first}${codings.length > SAID ? ", …" : ""}`);
    const figure = /** @type {HTMLElement} */ (this.plane.canvas.parentElement);
    figure.hidden = !moments.plane;
    if (moments.plane) {
      const flat = projected(moments.plane, seen);
      paint(this.plane.canvas, flat, width, height, channels);
      this.plane.caption.textContent = `PCA, error ${brief(squaredError(flat, wanted))}`;
    }
    const notes = [wordsOfPlace(network)].filter(Boolean);
    if (moments.failed) notes.push(moments.failed);
    else if (!moments.here) notes.push("the moment is on its way");
    else if (empty) notes.push("the pad is empty: this is what it makes of nothing");
    else if (!repairs && network.quantiles) notes.push(hardness(error, network.quantiles));
    this.ofBars.textContent = wordsOfBars(codings.length) + (notes.length ? " · " : "");
    this.words.replaceChildren(this.ofBars, notes.join(" · "));
  }
}

/**
 * @param {HTMLElement} parent
 * @param {string} label
 */
function pictureWith(parent, label) {
  const figure = document.createElement("figure"),
    canvas = document.createElement("canvas"),
    caption = document.createElement("figcaption");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  figure.append(canvas, caption);
  parent.append(figure);
  return { canvas, caption };
}
