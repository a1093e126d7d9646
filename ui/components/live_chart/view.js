// The live view of one training: chart, progress, reconstructions (or points in space), drawn in
// place. Longer than other files: all that is heard of the training, the time slider and the loss
// microscope meets here.

import { Chart } from "../chart/plot.js";
import { bytesOf } from "../shared/bytes.js";
import { elementAt, keepHeight } from "../shared/elements.js";
import { figureOf, sumOf, wordsOfChart } from "./curves.js";
import { Training } from "./news.js";
import { factsAt, pointAt } from "./facts.js";
import { Own } from "./own.js";
import { Past } from "./past.js";
import { Pictures } from "./pictures.js";
import { showMetrics, showProgress } from "./progress.js";
import { readingsOf, showReadings } from "./readings.js";
import { Socket } from "./socket.js";
import { sceneOf } from "./space.js";

// milliseconds until the chart is drawn even if the socket has brought nothing
const FIRST_NEWS = 200;
const PATIENCE = 500; // milliseconds for the first point
// milliseconds until a new run's page is drawn even if its socket has brought nothing
const NO_NEWS = 2000;
const SCENE_IN_WORDS = "The points in space, what the network makes of them, and the planes";

/** @typedef {import("../chart/plotly.d.ts").Figure} Figure */
/** @typedef {import("./news.js").News} News */

/**
 * What `live_chart/__init__.py` sends. status_key: what the page's buttons were drawn for. said: the
 * message that the page shows already. fresh:
 * the run was started just now. socket: the route that has the news; without it they come with the
 * page. film: the route of the earlier moments. moment: the one that the tabs show, "" for now.
 * figure: JSON. originals: uint8 in base64. For points in space instead of images: scene (JSON) and
 * PCA's axes and mean. origin: the
 * run that this one goes on from. network: the route of this one's network.
 * @typedef {import("./facts.js").Declared & {
 *   key: string, name: string, status: string, words: string, status_key: string, slow: boolean,
 *   said: string, fresh: boolean, socket: string | null, film: string, network: string,
 *   moment: string,
 *   origin: import("./news.js").Origin | null,
 *   library: string, height: number, figure: string, news?: News,
 *   image: import("../shared/packing.js").ImageShape | null, originals?: string, scene?: string,
 *   axes?: number[][], mean?: number[],
 * }} LiveData
 */

/** The view of one run; another run gets another one. */
export class LiveView {
  /**
   * @param {HTMLElement} root
   * @param {string} key the run's
   */
  constructor(root, key) {
    this.root = root;
    this.key = key;
    this.training = new Training();
    this.alive = true;
    this.begun = false; // whether a point is drawn
    /** @type {HTMLElement | null} what is yet to be brought into sight */
    this.sought = null;
    this.changed = true; // whether more has changed than that lines grew
    this.stale = true; // whether the pictures or the scene are
    this.wanted = 0; // the frame that will draw it
    /** @type {LiveData | null} */
    this.data = null;
    /** @type {string | null} the last status key that the server was sent */
    this.announced = null;
    /** @type {(status_key: string) => void} */
    this.send = () => {};
    this.offline = () => {};
    /** @type {Figure | null} */
    this.figure = null;
    /** @type {{ chart: Chart, figure: Figure } | null} */
    this.space = null;
    /** @type {Pictures | null} */
    this.pictures = null;
    /** @type {Own | null} */
    this.own = null;
    this.due = performance.now() + FIRST_NEWS;
    setTimeout(() => this.redraw(), FIRST_NEWS + 1);
    this.socket = new Socket({
      heard: (news) => {
        this.take(news);
        this.redraw();
      },
      isOver: () => this.training.over,
      gaveUp: () => this.offline(),
    });
    this.chart = new Chart(elementAt(root, ".losses .chart"));
    this.chart.after = () => this.drawn();
    keepHeight(elementAt(root, ".metrics"));
    this.chart.picked = (x) => this.past?.time.goToStep(x);
    /** @type {(moment: string) => void} tells the server of a chosen moment */
    this.chose = () => {};
    /** @type {Past | null} */
    this.past = null;
    /** @type {string | null} the term that is lit */
    this.lit = null;
    this.pointed = (/** @type {Event} */ event) => {
      const { run, term, below } = /** @type {CustomEvent} */ (event).detail;
      if (run !== this.key) return;
      const chart = elementAt(this.root, ".losses");
      if (below && areSeenTogether(below, chart)) this.sought ??= chart;
      this.light(term);
    };
    document.addEventListener("lab-term", this.pointed);
  }

  /**
   * Notes what is drawn, for tests and measurements of the page. After the first point the rest of
   * the page follows.
   */
  drawn() {
    const { points, updates } = this.training, { dataset } = this.chart.root;
    dataset.points = String(points.length);
    dataset.updates = String(updates);
    if (this.begun || !points.length) return;
    this.begun = true;
    this.announceStatus();
  }

  dispose() {
    this.alive = false;
    document.removeEventListener("lab-term", this.pointed);
    this.past?.dispose();
    this.own?.dispose();
    this.chart.dispose();
    this.space?.chart.dispose();
    this.socket.close();
  }

  /** @param {LiveData} data */
  update(data) {
    if (!this.data && data.fresh) { // Train was just pressed
      this.sought = this.root;
      setTimeout(() => {
        if (this.alive && !this.socket.served) this.send("no news");
      }, NO_NEWS);
    }
    if (data.figure !== this.data?.figure) this.figure = JSON.parse(data.figure);
    if (data.scene && !this.space) {
      this.space = {
        chart: new Chart(elementAt(this.root, ".space .chart")),
        figure: JSON.parse(data.scene),
      };
      elementAt(this.root, ".space").hidden = false;
      this.root.classList.add("has-space");
    }
    if (data.status_key !== this.data?.status_key) this.announced = null;
    this.past ??= new Past(
      this.root,
      data.key,
      data.film,
      data.moment,
      () => this.travelled(),
      (moment) => this.chose(moment),
    );
    this.data = data;
    this.stale = this.changed = true; // the theme may be another
    this.chart.themed();
    this.space?.chart.themed();
    if (data.news) this.take(data.news); // given by the server with the page, or by polling
    if (data.socket) this.socket.connect(data.socket);
    this.redraw();
    // at once, even if it is out of sight: the page waits for its first point
    this.chart.load(data.library);
  }

  /**
   * The microscope points at a term, or at none; it is told the terms' numbers.
   * @param {string | null} term
   */
  light(term) {
    if (term !== this.lit) this.changed = true;
    this.lit = term;
    this.redraw();
  }

  /** Another moment is looked at, or more of the past has come. */
  travelled() {
    this.stale = true;
    this.redraw();
  }

  /** @param {News} news */
  take(news) {
    if (news.session !== this.training.session) this.past?.film.forget();
    if (this.training.take(news)) this.changed = true;
    if (news.snapshot) this.stale = true;
    if (this.begun || news.over) this.announceStatus();
    else setTimeout(() => this.announceStatus(), PATIENCE);
  }

  /**
   * Sends the server the status, so that its buttons and tabs follow. Held back until the first
   * point is drawn, if that comes soon: redrawing buttons and tabs would delay it.
   */
  announceStatus() {
    const { statusKey } = this.training;
    if (!this.alive || !this.data) return;
    if (statusKey === this.data.status_key) this.announced = null;
    else if (statusKey !== this.announced) this.send(this.announced = statusKey);
  }

  redraw() {
    this.wanted ||= requestAnimationFrame(() => {
      this.wanted = 0;
      if (this.alive && this.data) this.draw(this.data);
    });
  }

  /** @param {LiveData} data */
  draw(data) {
    const { training, root } = this, { status, words, slow, said } = data;
    showProgress(root, training, { status, words, slow, said, pictures: Boolean(data.image) });
    // it would be drawn twice
    const waits = data.socket && !this.socket.served && performance.now() <= this.due;
    if (!waits) this.drawChart(data);
    this.past?.show(training);
    const step = this.past?.step ?? null, since = this.past?.since ?? 0;
    this.chart.marker.show(step);
    const note = this.past?.note() ?? "";
    this.tellLoss(step, since);
    this.drawMeters(data, step, since, note);
    if (this.space) this.drawSpace(data);
    else this.drawPictures(data);
    if (!this.sought || !this.chart.figure) return; // without a figure it is not yet so high
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.sought.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
    this.sought = null;
  }

  /**
   * @param {LiveData} data
   * @param {number | null} step
   * @param {number} since
   * @param {string} note said instead of the numbers, which soon come; how to read them stays
   */
  drawMeters(data, step, since, note) {
    if (note) return showMetrics(this.root, [[note, ""]]);
    const error = this.past?.error ?? null,
      facts = factsAt(this.training, data, step, since, error);
    showMetrics(this.root, facts);
    showReadings(this.root, readingsOf(facts, data, error !== null));
  }

  /**
   * Tells the microscope the numbers of the moment that is looked at.
   * @param {number | null} step the moment's; null: now
   * @param {number} since the first step of its phase
   */
  tellLoss(step, since) {
    const point = pointAt(this.training, step, since);
    const values = point ? { ...point.terms, loss: sumOf(point.terms) } : {};
    const detail = {
      run: this.key,
      phase: this.past?.phase ?? 0,
      x: point?.x ?? null,
      earlier: step !== null,
      values,
    };
    document.dispatchEvent(new CustomEvent("lab-loss", { detail }));
  }

  /** @param {LiveData} data */
  drawChart(data) {
    if (!this.figure) return;
    const { library, height } = data, words = wordsOfChart(this.training.points);
    const about = { library, words, name: `${data.name}, loss`, height, grown: !this.changed };
    this.chart.show(figureOf(this.figure, this.training, { ...data, lit: this.lit }), about);
    this.changed = false;
  }

  /** @param {LiveData} data */
  drawPictures({ key, network, image, originals }) {
    if (!image || !originals || (!this.stale && this.pictures)) return;
    this.pictures ??= new Pictures(this.root, image, originals);
    const { past } = this;
    if (!this.own && past) {
      this.own = new Own(this.root, { run: key, network }, image, bytesOf(originals));
      past.tell();
    }
    const shown = this.shown("uint8", (bytes) => bytes);
    this.pictures.show(shown);
    this.stale = !shown;
  }

  /**
   * What the network made of the inputs at the moment that is looked at, or now.
   * @template {Uint8Array | Float32Array} Values
   * @param {"uint8" | "float32"} kind
   * @param {(bytes: Uint8Array<ArrayBuffer>) => Values} read
   * @returns {{ x: number, made: Values, seen: Values | null } | null}
   */
  shown(kind, read) {
    const { snapshot } = this.training, earlier = this.past?.shown();
    const seen = snapshot?.seen ? read(bytesOf(snapshot.seen[kind])) : null;
    if (earlier) return { x: earlier.x, made: /** @type {Values} */ (earlier.frame), seen };
    if (!snapshot) return null;
    return { x: snapshot.x, made: read(bytesOf(snapshot.pictures[kind])), seen };
  }

  /** @param {LiveData} data */
  drawSpace({ axes = [], mean = [], library, name, height }) {
    if (!this.stale || !this.space) return;
    this.stale = false;
    const shown = this.shown("float32", (bytes) => new Float32Array(bytes.buffer));
    const figure = sceneOf(this.space.figure, shown?.made ?? null, { axes, mean });
    this.space.chart.show(figure, {
      library,
      words: SCENE_IN_WORDS,
      name: `${name}, points`,
      height,
    });
  }
}

/**
 * Whether a window shows both.
 * @param {HTMLElement} above
 * @param {HTMLElement} below
 */
function areSeenTogether(above, below) {
  return below.getBoundingClientRect().bottom - above.getBoundingClientRect().top <= innerHeight;
}
