// What pointers and keys do on a map.

import { isWithin } from "./chosen.js";
import { onCanvas } from "./frame.js";

/** @typedef {import("./map.js").SpaceMap} SpaceMap */
/** @typedef {import("./state.js").State} State */

/** @type {Record<string, [right: number, up: number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ARROW_STEP = 0.04; // of the way from the middle to an edge, with each press
const CLICK = 6; // pixels that a click may move
const ON_DRAWING = 12; // pixels from the drawing's mark

/**
 * Makes a map listen.
 * @param {SpaceMap} map
 * @param {State} state
 * @param {() => void} changed
 */
export function listenOn(map, state, changed) {
  const { canvas } = map;
  let from = [0, 0]; // where the pointer went down
  const look = (/** @type {PointerEvent} */ event) => {
    const { place, input } = map.under(event, state.hidden);
    state.active = map;
    state.pin = place;
    state.input = input;
    changed();
  };
  canvas.onpointerdown = (event) => {
    if (event.button || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    const { place, spot } = map.under(event, state.hidden);
    from = spot;
    if (state.mode === "lasso") state.line = [spot];
    if (state.mode === "line") state.picks = [{ place }, { place }];
    look(event);
  };
  canvas.onpointermove = (event) => {
    const held = canvas.hasPointerCapture(event.pointerId);
    const { place, spot } = map.under(event, state.hidden);
    if (held && state.mode === "lasso") state.line.push(spot);
    if (held && state.mode === "line") state.picks = [state.picks[0], { place }];
    if (held || event.pointerType === "mouse") look(event);
  };
  canvas.onpointerup = (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return; // another button or finger
    if (state.mode === "lasso") choose(map, state);
    const { spot } = map.under(event, state.hidden);
    const still = Math.hypot(spot[0] - from[0], spot[1] - from[1]) < CLICK;
    if (state.mode === "look" && still) pickUnder(map, state, event);
    changed();
  };
  canvas.onpointercancel = () => {
    state.line = [];
    changed();
  };
  canvas.onfocus = () => {
    if (state.active === map) return;
    state.active = map;
    state.pin = null;
    changed();
  };
  canvas.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own
    if (ARROWS[event.key]) step(map, state, ARROWS[event.key]);
    else if (event.key === "Enter" && state.pin) {
      state.add(state.input >= 0 ? { input: state.input } : { place: state.pin });
    } else if (event.key === "Escape") state.forget();
    else return;
    event.preventDefault();
    changed();
  };
}

/**
 * @param {SpaceMap} map
 * @param {State} state
 * @param {[number, number]} by
 */
function step(map, state, [right, up]) {
  const { frame, canvas } = map, [x, y] = state.pin ?? [frame.x, frame.y];
  state.active = map;
  state.pin = [x + right * ARROW_STEP * frame.reach, y + up * ARROW_STEP * frame.tall];
  const { width } = canvas.getBoundingClientRect();
  state.input = map.nearest(onCanvas(frame, width, ...state.pin), width, state.hidden);
}

/**
 * A click: an input, or the drawing, is one end of the line between two digits.
 * @param {SpaceMap} map
 * @param {State} state
 * @param {PointerEvent} event
 */
function pickUnder(map, state, event) {
  const { input, spot } = map.under(event, state.hidden);
  const own = state.drawing && map.placeOfImage(state.drawing);
  if (own) {
    const [left, top] = onCanvas(map.frame, map.canvas.getBoundingClientRect().width, ...own);
    if (Math.hypot(left - spot[0], top - spot[1]) < ON_DRAWING) {
      state.add({ own: true });
      return;
    }
  }
  if (input >= 0) state.add({ input });
}

/**
 * Takes the inputs within the line that was drawn.
 * @param {SpaceMap} map
 * @param {State} state
 */
function choose(map, state) {
  const at = map.onCanvas(map.canvas.getBoundingClientRect().width);
  const chosen = new Set();
  map.inputs.labels.forEach((label, i) => {
    if (!state.hidden.has(label) && isWithin(state.line, at[2 * i], at[2 * i + 1])) chosen.add(i);
  });
  state.line = [];
  state.chosen = chosen.size ? chosen : null;
  state.chosenOn = chosen.size ? map : null;
}
