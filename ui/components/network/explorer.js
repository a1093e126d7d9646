// What is shown of one network: its codings, the picture that they decode to, and every way to set
// them. Longer than other files: all of these ways meet in one state.

import { canvasAt, elementAt } from "../shared/elements.js";
import { Examples } from "../shared/examples.js";
import { known, layersOf } from "../shared/network.js";
import { NetworkMoments } from "../shared/networks.js";
import { paint } from "../shared/pictures.js";
import { FIRST, LocalDecoder, ServerDecoder } from "./decoders.js";
import { codingsOf, drawFrom } from "./draws.js";
import { LatentMap } from "./latent_map.js";
import { Sheet } from "./sheet.js";
import { Sliders } from "./sliders.js";
import { Temperature } from "./temperature.js";

const AHEAD = 2; // moments whose networks are fetched before they are asked for

/** @typedef {import("../shared/safetensors.js").Tensor} Tensor */
/** @typedef {import("./draws.js").Draw} Draw */
/**
 * @typedef {"centre" | "spread" | "low" | "high" | "bars" | "shares" | "centres" | "factors"
 *   | "examples" | "example_codings"} ArrayName
 */

/**
 * What `network/__init__.py` packs. order: the codings, most active first; active: whether the
 * network uses each of them. labels: of the test images. classes: how many. prior: the codings were
 * trained to fill N(0, I). sheet: draws are shown too. first: the test image to begin with. shown:
 * sliders in sight. centre [size], spread [size]: where a slider rests and how far one standard
 * deviation reaches. low [size], high [size]: the ends of each coding's histogram, bars [size, n].
 * explorer: its name, which an answer of the server bears. run: whose time slider moves it, ""
 * for none; network: the route of its networks.
 * @typedef {{
 *   image: import("../shared/packing.js").ImageShape, order: number[], active: boolean[],
 *   labels: string[], classes: number, prior: boolean, sheet: boolean, first: number,
 *   shown: number, temperature: number, decoder: object[], explorer: string,
 *   run: string, network: string,
 *   arrays: Record<ArrayName, Tensor> & Record<string, Tensor>,
 * }} ExplorerModel
 */

/**
 * What was shown, for the weights that come next: positions in standard deviations; the random draw
 * that they are, if they are one.
 * @typedef {{ positions: number[], draw: Draw | null, words: string, example: number }} Shown
 */

/** One network on show; other weights get another one, which takes over what is shown. */
export class Explorer {
  /**
   * @param {HTMLElement} root
   * @param {ExplorerModel} model
   * @param {(question: import("./decoders.js").Question) => void} ask the server, if the page
   *   cannot decode
   * @param {Shown} [before] what was shown with the weights that these replace
   */
  constructor(root, model, ask, before) {
    root.querySelectorAll(".made").forEach((element) => element.remove());
    const { arrays, image: [height, width] } = model, size = model.order.length;
    this.root = root;
    this.model = model;
    const layers = layersOf(model, "decoder");
    /** @type {import("./decoders.js").Decoder} */
    this.decoder = known(layers)
      ? new LocalDecoder(layers)
      : ServerDecoder.listening(ask, model.explorer);
    this.codings = Float32Array.from(arrays.centre);
    const { shares, centres, factors, centre, spread } = arrays;
    this.clouds = { size, shares, centres, factors, centre, spread };
    this.numbers = size === 1 ? "one number" : `${size} numbers`;
    this.canvas = canvasAt(root, ".digit");
    this.tile = document.createElement("canvas");
    this.frames = this.wanted = 0;
    this.alive = true;
    /** @type {Draw | null} */
    this.draw = null;
    this.described = { words: "", example: -1 };
    this.sliders = new Sliders(root, model, (coding, t) => this.moved(coding, t));
    this.gone = new AbortController(); // ends the listening
    this.travel();
    const examples = { images: arrays.examples, labels: model.labels, shape: model.image };
    this.examples = new Examples(
      root,
      examples,
      (i) => this.showExample(i),
      "Start from a test image; these are among those that it rebuilds best",
    );
    const draws = { classes: model.classes, prior: model.prior, choice: model.sheet };
    this.temperature = new Temperature(
      root,
      draws,
      before ? null : model.temperature,
      () => this.heated(),
    );
    elementAt(root, ".random").onclick = () => this.showDraw(drawFrom(this.clouds, Math.random));
    elementAt(root, ".reset").onclick = () => this.rest();
    elementAt(root, ".samples").hidden = !model.sheet;
    this.sheet = new Sheet(root, { height, width }, {
      drawn: (random) => drawFrom(this.clouds, random),
      paint: (draws, done) => {
        const how = this.temperature.setting;
        const codings = draws.map((draw) => codingsOf(draw, this.clouds, how));
        this.paintTiles(codings, done, (i) => `sheet ${i}`);
      },
      picked: (draw) => this.showDraw(draw),
    });
    this.map = size !== 2 ? null : new LatentMap(root, { height, width }, {
      paint: (places, done, first) =>
        this.paintTiles(places.map((place) => this.at(place)), done, (i) => `map ${first + i}`),
      picked: (place) => this.setCodings(this.at(place), "Drawn from this place"),
    });
    elementAt(root, ".map").hidden = !this.map;
    this.begin(before);
    this.render();
    if (model.sheet) this.sheet.fill();
    root.dataset.ready = "true";
  }

  /** @param {Shown | undefined} before */
  begin(before) {
    if (!before) {
      this.showExample(this.model.first);
      return;
    }
    if (before.example >= 0) {
      this.showExample(before.example);
      return;
    }
    if (before.draw) {
      this.showDraw(before.draw);
      return;
    }
    this.codings.set(this.at(before.positions));
    this.describe(before.words);
    this.showAll();
  }

  /**
   * The codings at so many standard deviations from where their sliders rest.
   * @param {number[]} positions
   */
  at(positions) {
    const { centre, spread } = this.model.arrays;
    return Float32Array.from(positions, (t, i) => centre[i] + t * spread[i]);
  }

  /** @param {number} coding its place, in standard deviations */
  deviations(coding) {
    const { centre, spread } = this.model.arrays;
    return (this.codings[coding] - centre[coding]) / spread[coding];
  }

  /**
   * @param {Float32Array[]} codings of each tile
   * @param {(tile: HTMLCanvasElement, i: number) => void} done called for each one with a canvas
   *   that is painted over by the next
   * @param {(i: number) => string} slot what a tile is for
   */
  paintTiles(codings, done, slot) {
    const [height, width, channels] = this.model.image;
    this.decoder.decode(codings.map((each, i) => ({
      codings: each,
      done: (values) => {
        if (!this.alive) return;
        paint(this.tile, values, width, height, channels);
        done(this.tile, i);
      },
      slot: slot(i),
    })));
  }

  render() {
    this.wanted = 0;
    if (!this.alive) return;
    const [height, width, channels] = this.model.image;
    const done = (/** @type {ArrayLike<number>} */ values) => {
      if (!this.alive) return;
      paint(this.canvas, values, width, height, channels);
      this.canvas.dataset.frames = String(++this.frames); // for measurements and tests of the page
    };
    this.decoder.decode([{ codings: this.codings, done, slot: FIRST }]);
    this.map?.mark([this.deviations(0), this.deviations(1)]);
  }

  redraw() {
    if (!this.wanted) this.wanted = requestAnimationFrame(() => this.render());
  }

  showAll() {
    for (const coding of this.model.order) {
      this.sliders.show(coding, this.codings[coding], this.deviations(coding));
    }
    this.redraw();
  }

  /**
   * Says where the codings come from. A test image is then shown beside the picture.
   * @param {string} words
   * @param {number} example
   */
  describe(words, example = -1) {
    this.described = { words, example };
    this.examples.mark(example);
    if (example >= 0) this.examples.paint(canvasAt(this.root, ".original"), example);
    elementAt(this.root, ".copy figcaption").textContent = words;
  }

  /**
   * @param {Float32Array} codings
   * @param {string} words
   * @param {{ example?: number, draw?: Draw | null }} from
   */
  setCodings(codings, words, { example = -1, draw = null } = {}) {
    this.draw = draw;
    this.codings.set(codings);
    this.describe(words, example);
    const caption = example < 0 ? "No test image" : `Test image (${this.model.labels[example]})`;
    elementAt(this.root, ".model").classList.toggle("none", example < 0);
    elementAt(this.root, ".model figcaption").textContent = caption;
    elementAt(this.root, ".original").setAttribute("aria-label", caption);
    this.showAll();
  }

  /**
   * A slider was moved by hand. The test image stays in sight, to compare the picture with it.
   * @param {number} coding
   * @param {number} deviations
   */
  moved(coding, deviations) {
    const { centre, spread } = this.model.arrays;
    this.codings[coding] = centre[coding] + deviations * spread[coding];
    this.draw = null;
    this.describe(`Drawn from your ${this.numbers}`);
    const alone = elementAt(this.root, ".model").classList.contains("none");
    if (!alone) elementAt(this.root, ".model figcaption").textContent = "The test image before";
    this.sliders.show(coding, this.codings[coding], this.deviations(coding));
    this.redraw();
  }

  /**
   * The temperature or the source of the draws has changed: those in sight are moved, not drawn
   * again.
   */
  heated() {
    if (this.draw) this.showDraw(this.draw);
    if (this.model.sheet) this.sheet.repaint();
  }

  /** @param {number} example */
  showExample(example) {
    const { size } = this.clouds,
      all = /** @type {Float32Array} */ (this.model.arrays.example_codings);
    const codings = all.subarray(example * size, (example + 1) * size);
    this.setCodings(codings, `Rebuilt from ${this.numbers}`, { example });
  }

  /** @param {Draw} draw */
  showDraw(draw) {
    const { size } = this.clouds,
      words = `Drawn from ${size === 1 ? "a random number" : `${size} random numbers`}`;
    this.setCodings(codingsOf(draw, this.clouds, this.temperature.setting), words, { draw });
  }

  rest() {
    const words = this.model.prior
      ? "Drawn with every coding at zero"
      : "Drawn from the mean of all codings";
    this.setCodings(/** @type {Float32Array} */ (this.model.arrays.centre), words);
  }

  /** @returns {Shown} */
  state() {
    const positions = Array.from(this.codings, (_, i) => this.deviations(i));
    return { positions, draw: this.draw, ...this.described };
  }

  /**
   * Follows the time slider: the same codings are decoded by the networks of earlier moments. When
   * it rests, the page gets that moment's explorer.
   */
  travel() {
    const { run, network } = this.model, own = this.decoder;
    if (!run) return;
    const networks = new NetworkMoments(network, () => {
      const { decoder } = networks.shown() ?? {};
      if (networks.past && decoder && networks.here && known(decoder)) {
        use(new LocalDecoder(decoder));
      }
    });
    const use = (/** @type {import("./decoders.js").Decoder} */ decoder) => {
      if (!this.alive || this.decoder === decoder) return;
      this.decoder = decoder;
      this.render();
      if (this.model.sheet) this.sheet.repaint();
      this.map?.repaint();
    };
    document.addEventListener("lab-moment", (event) => {
      const { detail } =
        /** @type {CustomEvent<import("../shared/moments.js").Travelled>} */ (event);
      if (detail.run !== run) return;
      networks.past = !detail.now;
      if (networks.past) networks.follow(detail, AHEAD);
      else use(own);
    }, { signal: this.gone.signal });
    this.gone.signal.onabort = () => networks.stop();
  }

  dispose() {
    this.alive = false;
    this.gone.abort();
    this.sheet.dispose();
    this.map?.dispose();
    this.decoder.dispose();
    cancelAnimationFrame(this.wanted);
  }
}
