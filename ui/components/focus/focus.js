// A button that is pressed by keyboard and then goes, or is disabled, would leave the focus to the page's body: it goes
// on to the first of its row that can be pressed.

let keyboard = false; // whether the focus was in the row, and by keyboard: after a click Space is meant for the page

/**
 * Streamlit calls it when the component is mounted, and what it returns when it goes.
 * @param {{ parentElement: HTMLElement }} component
 */
export default function ({ parentElement }) {
  const row = parentElement.closest(".stHorizontalBlock");
  if (!row) return;
  const noted = (/** @type {FocusEvent} */ { target }) => {
    keyboard = target instanceof Element && row.contains(target) && target.matches(":focus-visible");
  };
  const clicked = () => { keyboard = false; };
  const look = () => requestAnimationFrame(() => { // a disabled button loses the focus only with the next frame
    if (!keyboard || document.activeElement !== document.body) return;
    const options = /** @type {FocusOptions} */ ({ focusVisible: true });
    /** @type {HTMLElement | null} */ (row.querySelector(".stButton button:enabled"))?.focus(options);
  });
  document.addEventListener("focusin", noted);
  document.addEventListener("pointerdown", clicked);
  const watch = new MutationObserver(look);
  watch.observe(row, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  const active = document.activeElement;
  if (active && row.contains(active)) keyboard = active.matches(":focus-visible"); // it was there before this was
  look();
  return () => {
    watch.disconnect();
    document.removeEventListener("focusin", noted);
    document.removeEventListener("pointerdown", clicked);
  };
}
