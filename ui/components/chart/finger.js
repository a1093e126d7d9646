// Whether a finger is down anywhere on the page, or a mouse's button.

export let fingerDown = false;
const lifted = () => {
  fingerDown = false;
};

addEventListener("pointerdown", (event) => {
  fingerDown = event.button === 0;
}, true);
addEventListener("pointermove", (event) => {
  if (!event.buttons) lifted();
}, true); // released outside the page
for (const over of ["pointerup", "pointercancel"]) addEventListener(over, lifted, true);
addEventListener("blur", lifted); // the window's own
