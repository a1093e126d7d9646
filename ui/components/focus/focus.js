// A button that is pressed by keyboard and then goes, or is disabled, would leave the focus to the page's body: it goes on to the first of its row that can be pressed.

let keyboard = false; // whether the focus was in the row, and by keyboard: after a click a press of Space is meant for the page

export default function ({ parentElement }) {
  const row = parentElement.closest(".stHorizontalBlock");
  const noted = (event) => { keyboard = row.contains(event.target) && event.target.matches(":focus-visible"); };
  const clicked = () => { keyboard = false; };
  const look = () => requestAnimationFrame(() => { // a disabled button loses the focus only with the next frame
    if (keyboard && document.activeElement === document.body) row.querySelector(".stButton button:enabled")?.focus({ focusVisible: true });
  });
  document.addEventListener("focusin", noted);
  document.addEventListener("pointerdown", clicked);
  const watch = new MutationObserver(look);
  watch.observe(row, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  if (row.contains(document.activeElement)) keyboard = document.activeElement.matches(":focus-visible"); // it was there before this was
  look();
  return () => {
    watch.disconnect();
    document.removeEventListener("focusin", noted);
    document.removeEventListener("pointerdown", clicked);
  };
}
