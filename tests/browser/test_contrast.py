"""Can it be read? Every text in sight, on every page, light and dark, has the contrast that WCAG 2
asks (1.4.3): 4.5, large text and icons 3.
"""

import pytest

from tests.browser.lab import open_page, set_field
from tests.pages.helpers import PAGES

pytestmark = pytest.mark.whole

# Each text in sight as {text, ratio, asked, colours}. Opacity is composited group by group, as the
# browser does. What is disabled is exempt (1.4.3), as is text on a picture.
CONTRASTS = """() => {
  const OFF = ":disabled, [aria-disabled=true]", kept = new Map();
  const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (css) => {
    if (!kept.has(css)) { pen.clearRect(0, 0, 1, 1); pen.fillStyle = css; pen.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; kept.set(css, [r, g, b, a / 255]); }
    return kept.get(css);
  };
  const mix = (under, over, alpha) => [0, 1, 2].map((i) => under[i] + (over[i] - under[i]) * alpha);
  const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => linear(v / 255));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const above = (element) =>
    element.assignedSlot || element.parentElement || element.getRootNode().host;
  // [ground, ink] as they reach the eye; a small slider thumb is not under its value
  function painted(chain, text, backdrop, ink) {
    if (!chain.length) return [backdrop, mix(backdrop, ink, ink[3])];
    const [{ e, style }, ...inner] = chain;
    const box = e.getBoundingClientRect(), ground = rgba(style.backgroundColor);
    const under = box.width >= text.width && box.height >= text.height ? ground[3] : 0;
    const colours = painted(inner, text, mix(backdrop, ground, under), ink);
    return colours.map((colour) => mix(backdrop, colour, Number(style.opacity)));
  }
  const found = [];
  function look(element, text, ink) {
    const box = element.getBoundingClientRect();
    const widget = element.closest("[data-testid=stElementContainer]");
    if (box.width < 3 || box.height < 3) return;
    if (element.closest(OFF) || widget?.querySelector(OFF)) return;
    if (!element.checkVisibility({ visibilityProperty: true })) return;
    const chain = [];
    for (let e = element; e; e = above(e)) chain.unshift({ e, style: getComputedStyle(e) });
    const exempt = ({ e, style }) => Number(style.opacity) < .05 || style.backgroundImage !== "none"
      || style.clipPath === "inset(50%)" || e.matches("label:has(:disabled)");
    if (chain.some(exempt)) return;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const [ground, seen] = painted(chain, box, [255, 255, 255], rgba(ink));
    const [a, b] = [light(ground), light(seen)].sort((x, y) => y - x);
    const picture = /Material/.test(style.fontFamily) || element.ariaHidden === "true";
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) || picture;
    const mark = (e) => e.dataset.testid ? `[${e.dataset.testid}]`
      : e.className?.trim ? "." + e.className.trim().split(/\\s+/).at(-1) : "";
    const where = chain.slice(-3).map(({ e }) => e.tagName.toLowerCase() + mark(e)).join(" > ");
    const colours = [seen, ground].map((c) => c.map(Math.round).join(" ")).join(" on ");
    const ratio = Math.round(100 * (a + .05) / (b + .05)) / 100;
    found.push({ text, ratio, asked: large ? 3 : 4.5, colours, where });
  }
  (function walk(node) {
    if (node.nodeType === 3) {
      const text = node.data.trim(), element = node.parentElement;
      if (text && element && !["SCRIPT", "STYLE", "NOSCRIPT", "TITLE"].includes(element.tagName)) {
        const style = getComputedStyle(element);
        look(element, text.slice(0, 60), element instanceof SVGElement ? style.fill : style.color);
      }
      return;
    }
    if (node.nodeType === 1 && ["INPUT", "TEXTAREA"].includes(node.tagName)) {
      const ink = (part) => getComputedStyle(node, part).color;
      if (node.value && !["range", "radio", "checkbox"].includes(node.type))
        look(node, node.value.slice(0, 60), ink());
      else if (node.placeholder) look(node, node.placeholder, ink("::placeholder"));
    }
    if (node.shadowRoot) walk(node.shadowRoot);
    node.childNodes.forEach(walk);
  })(document.body);
  return found;
}"""


def settled(page) -> list[dict]:
    """The texts in sight once they stay the same: fading and loading are over."""
    before: list[dict] = []
    for _ in range(50):
        page.wait_for_timeout(120)
        now = page.evaluate(CONTRASTS)
        if (
            now == before
            and not page.locator(
                "[data-stale=true], [data-testid=stSkeleton], [data-test-script-state=running]"
            ).count()
        ):
            return now
        before = now
    return before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_that_is_asked(finished, chromium, scheme):
    address, ids = finished.address, finished.ids
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    dim: list[str] = []
    seen = 0

    def look(where: str) -> None:
        nonlocal seen
        texts = settled(page)
        seen += len(texts)
        dim.extend(
            f"{where}: {t['ratio']} for {t['asked']}: {t['text']!r} ({t['colours']}) {t['where']}"
            for t in texts
            if t["ratio"] < t["asked"]
        )

    for path in PAGES:
        open_page(page, f"{address}/{'' if path == 'home' else path}")
        look(path)
    open_page(page, f"{address}/compare?runs={ids['variational']},{ids['sparse']}")
    look("compare two")
    for name, run_id in ids.items():
        open_page(page, f"{address}/{name}?run={run_id}")
        tabs = page.get_by_role("tab")
        tabs.first.wait_for()
        if name in ("variational", "stacked"):
            page.get_by_text("The loss, term by term").click()
            page.locator(".terms button").first.click()
            look(f"{name}, the loss")
            page.get_by_text("The loss, term by term").click()
        for tab in (
            tabs.all() if name == "variational" else [page.get_by_role("tab", name="Codings")]
        ):
            tab.click()
            page.wait_for_timeout(300)
            look(f"{name}, tab {tab.text_content()}")
    open_page(page, f"{address}/stacked")
    page.get_by_text("More settings").first.click()
    set_field(page, "Hidden layers", "many")
    page.get_by_text("expected whole numbers").first.wait_for()
    look("a bad setting")
    open_page(page, f"{address}/stacked?run={'0' * 32}")
    page.get_by_text("There is no run").wait_for()
    look("no such run")
    open_page(page, f"{address}/runs")
    page.get_by_role("button", name="Rename").first.click()
    look("rename")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete").first.click()
    look("delete")
    open_page(page, f"{address}/generate")
    page.get_by_label("Network").click()
    look("a list opened")
    context.close()
    assert seen > 1000
    assert not dim, "\n".join(sorted(set(dim)))
