// If a button that was pressed by keyboard disappears or is disabled, the focus falls to the page's
// body. This moves it to the first enabled button of the row.

// whether the focus was in the row, and by keyboard: after a click Space is meant for the page
let keyboard = false;

/**
 * Streamlit calls it when the component is mounted, and the function it returns when the component
 * is removed.
 * @param {{ parentElement: HTMLElement }} component
 */
export default function ({ parentElement }) {
  const row = parentElement.closest(".stHorizontalBlock");
  if (!row) return;
  const noted = (/** @type {FocusEvent} */ { target }) => {
    keyboard = target instanceof Element && row.contains(target) &&
      target.matches(":focus-visible");
  };
  const clicked = () => {
    keyboard = false;
  };
  const look = () =>
    requestAnimationFrame(() => { // a disabled button loses the focus only with the next frame
      if (!keyboard || document.activeElement !== document.body) return;
      const options = /** @type {FocusOptions} */ ({ focusVisible: true });
      /** @type {HTMLElement | null} */ (row.querySelector(".stButton button:enabled"))?.focus(
        options,
      );
    });
  document.addEventListener("focusin", noted);
  document.addEventListener("pointerdown", clicked);
  const watch = new MutationObserver(look);
  watch.observe(row, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ["disabled"],
  });
  const active = document.activeElement;
  // focused before the mount
  if (active && row.contains(active)) keyboard = active.matches(":focus-visible");
  look();
  return () => {
    watch.disconnect();
    document.removeEventListener("focusin", noted);
    document.removeEventListener("pointerdown", clicked);
  };
}
