// A part of the page that grows after it was opened, as what it holds arrives.

const RESTS = 200; // ms without growth: it has its height, for now
const GROWS = 3000; // ms at most
const MOVES = ["wheel", "touchmove", "keydown", "pointerdown"]; // somebody looks elsewhere

/**
 * Calls whenever an element has grown, until it has had time to, or somebody moves on.
 * @param {HTMLElement} element
 * @param {() => void} then
 * @returns {() => void} ends it
 */
export function whenGrown(element, then) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const growth = new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(then, RESTS);
  });
  const gone = new AbortController();
  const end = () => {
    clearTimeout(timer);
    growth.disconnect();
    gone.abort();
  };
  growth.observe(element);
  for (const moves of MOVES) addEventListener(moves, end, { signal: gone.signal });
  setTimeout(end, GROWS);
  return end;
}
