// The visitor's own digit beside the test images: a small pad, and what the network of the moment
// that is looked at makes of the drawing. It is fetched once something is drawn.

import { placingOf } from "../pad/centring.js";
import { squaredError } from "../pad/hardness.js";
import { inked, Paper } from "../pad/paper.js";
import { canvasAt, elementAt } from "../shared/elements.js";
import { known } from "../shared/network.js";
import { NetworkMoments, rebuilt, wordsOfPlace } from "../shared/networks.js";
import { brief } from "../shared/numbers.js";
import { brightness, inChannels, paint } from "../shared/pictures.js";

/** @typedef {import("../shared/moments.js").Travelled} Travelled */

const AHEAD = 2; // moments whose networks are fetched before they are asked for

/** The pad of one run. */
export class Own {
  /**
   * @param {HTMLElement} root of the live view
   * @param {{ run: string, network: string }} of the run's id, and the route of its network
   * @param {import("../shared/packing.js").ImageShape} shape
   * @param {Uint8Array} examples images as the network knows them, one behind the other
   */
  constructor(root, { run, network }, [height, width, channels = 1], examples) {
    this.root = elementAt(root, ".own");
    this.shape = { height, width, channels };
    this.wanted = 0;
    this.paper = new Paper(canvasAt(this.root, ".sheet"), [height, width], () => this.redraw());
    const grey = this.paper.examples = brightness(examples, height * width, channels);
    this.paper.ink.placings = [placingOf(grey, height, width)];
    elementAt(root, ".originals").querySelectorAll("canvas").forEach((original, i) => {
      original.title = "Start your own digit from this one";
      original.onclick = () => this.paper.start(grey[i]);
    });
    this.moments = new NetworkMoments(network, () => this.redraw());
    /** @type {Travelled | null} where the time slider is, if that was not asked for yet */
    this.travelled = null;
    this.heard = (/** @type {Event} */ event) => {
      const { detail } = /** @type {CustomEvent<Travelled>} */ (event);
      if (detail.run !== run) return;
      this.travelled = detail;
      this.redraw();
    };
    document.addEventListener("lab-moment", this.heard);
    elementAt(this.root, ".clear").onclick = () => this.paper.start(null);
    this.root.hidden = false;
    this.redraw();
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      this.draw();
    });
  }

  draw() {
    const { root, moments, travelled } = this, [image] = this.paper.paint(), empty = !inked(image);
    root.classList.toggle("empty", empty);
    if (!empty && travelled) {
      this.travelled = null;
      moments.follow(travelled, AHEAD);
    }
    elementAt(root, ".words").textContent = empty ? "" : this.rebuild(image);
  }

  /**
   * Paints what the network makes of the drawing.
   * @param {Float32Array} image
   * @returns {string} what is to be said of it
   */
  rebuild(image) {
    const { moments, shape: { height, width, channels } } = this, network = moments.shown();
    if (!network) return moments.failed || "On its way …";
    if (!known([...network.encoder, ...network.decoder])) {
      return "The network has a kind of layer that is not computed in the page.";
    }
    const seen = inChannels(image, channels), { made } = rebuilt(network, seen);
    paint(canvasAt(this.root, ".mine"), made, width, height, channels);
    const late = moments.here ? "" : moments.failed || "the moment is on its way";
    return [`error ${brief(squaredError(made, seen))}`, wordsOfPlace(network), late]
      .filter(Boolean).join(", ");
  }

  dispose() {
    cancelAnimationFrame(this.wanted);
    this.moments.stop();
    this.paper.dispose();
    document.removeEventListener("lab-moment", this.heard);
  }
}
