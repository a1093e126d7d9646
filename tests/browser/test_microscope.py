"""The loss microscope: its numbers are the run's, and a term lights its curve and its code."""

import inspect

import numpy as np
import pytest

from aecore import losses
from aecore.models import variant
from aecore.models.variational import Variational
from aecore.runs import store
from tests.browser.lab import IN_SHADOW, in_plot, open_page, start_long_vae, wait_for_points
from tests.helpers import steps_of

pytestmark = pytest.mark.whole

# The opacity of the curves that are in sight, by term.
OPACITIES = """() => Object.fromEntries((PLOT._fullData ?? [])
  .filter(({ visible, meta }) => visible === true && meta.term)
  .map(({ meta, opacity }) => [`${meta.term}, ${meta.split}`, opacity]))"""


def opened(page, address):
    """The page with its microscope open."""
    open_page(page, address)
    page.get_by_role("slider", name="Moment").wait_for()
    page.get_by_text("The loss, term by term").click()
    page.locator(".terms button").first.wait_for()
    page.locator(".as-of", has_text="Now, at step").wait_for(timeout=60_000)


def card(page, term):
    return page.locator(f".terms [data-term={term}]")


def numbers(page) -> dict[str, str]:
    """What the cards say, and at which step."""
    found = page.evaluate(
        """() => {
          const root = [...document.querySelectorAll('*')].find(
            (e) => e.shadowRoot?.querySelector('.microscope')).shadowRoot;
          const cards = [...root.querySelectorAll('.terms button')].map(
            (b) => [b.dataset.term, b.querySelector('.value').textContent]);
          return { ...Object.fromEntries(cards), when: root.querySelector('.as-of').textContent };
        }"""
    )
    return dict(found)


def brief(value: float) -> str:
    """Four digits, as the page writes them."""
    if value and abs(value) < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{round(value):,}" if value >= 1000 else f"{float(f'{value:.4g}'):.10g}"


def expected(run, phase: int, step: int) -> list[dict[str, str]]:
    """The means over the steps of the chunk that ends there; or of that one and the one before.

    The end of an epoch may be one step that is averaged with what came before or after it.
    """
    chunks = [each for each in steps_of(run) if each.phase == phase]
    last = next(i for i, each in enumerate(chunks) if each.step == step)
    found = []
    for first in (last, max(0, last - 1)):
        taken = chunks[first : last + 1]
        terms = {
            name: float(np.mean(np.concatenate([each.terms[name] for each in taken])))
            for name in taken[0].terms
        }
        if len(terms) > 1:
            terms["loss"] = sum(terms.values())
        found.append({name: brief(value) for name, value in terms.items()})
    return found


@pytest.mark.parametrize("name", ["variational", "sparse", "stacked", "linear"])
def test_the_numbers_are_the_runs_at_now_and_at_an_earlier_moment(finished, page, name):
    run = store.open_run(finished.runs, finished.ids[name])
    last = steps_of(run)[-1]
    opened(page, finished[name])
    shown = numbers(page)
    assert shown.pop("when") == f"Now, at step {last.step:,}: means over the last few steps."
    assert shown in expected(run, 0, last.step)
    assert (
        page.locator(".metrics")
        .inner_text()
        .startswith(f"loss {shown.get('loss', shown['reconstruction_loss'])}")
    ), "the live view has the same number and digits"
    slider = page.get_by_role("slider", name="Moment")
    slider.focus()
    slider.press("Home")
    page.locator(".as-of", has_text="No numbers before the first step.").wait_for()
    assert numbers(page)["reconstruction_loss"] == "–"
    slider.press("ArrowRight")
    page.locator(".as-of", has_text="At step").wait_for()
    earlier = numbers(page)
    step = int(earlier.pop("when").split(":")[0].removeprefix("At step ").replace(",", ""))
    assert 0 < step < last.step and earlier in expected(run, 0, step) and earlier != shown
    page.get_by_role("button", name="Now").click()
    page.locator(".as-of", has_text="Now, at step").wait_for()


def lit(page, term: str | None):
    """Waits until the curves of this term, and no other, are drawn in full."""
    for _ in range(300):
        found = in_plot(page, OPACITIES, ".losses .plot")
        whole = {each.split(",")[0] for each, opacity in found.items() if opacity == 1}
        if whole == ({each.split(",")[0] for each in found} if term is None else {term}) != set():
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"{term} is not lit: {found}")


def test_a_term_lights_its_curve_its_part_of_the_formula_and_its_code(finished, page):
    opened(page, finished["variational"])
    lit(page, None)
    page.locator(".code", has_text="How the reconstruction loss is computed").wait_for()
    card(page, "latent_loss").hover()
    curves = lit(page, "latent_loss")
    assert curves["latent_loss, training"] == curves["latent_loss, validation"] == 1
    assert page.locator(".lab-lit").inner_text().startswith("latent")
    source = inspect.getsource(Variational.bound_terms) + inspect.getsource(losses.gaussian_kl)
    shown = page.locator(".lines .computes").all_text_contents()
    for line in ("sigma, kl = tf.exp(0.5 * spread), losses.gaussian_kl(mean, spread)",
                 "return 0.5 * tf.reduce_sum(tf.exp(log_var) + tf.square(mean) - 1.0 - log_var, "
                 "axis=1)"):  # fmt: skip
        assert line in source and any(each.endswith(line) for each in shown)
    first = inspect.getsourcelines(losses.gaussian_kl)[1]
    page.locator(".lines div", has_text=f"{first}def gaussian_kl(mean").wait_for()
    page.locator(".code").hover()
    lit(page, None)
    page.locator(".code", has_text="How the latent loss is computed").wait_for()  # it can be read
    # The formula's own terms can be pointed at, too.
    name = page.locator(".st-key-microscope .katex-html").get_by_text("reconstruction loss")
    at = name.bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    lit(page, "reconstruction_loss")
    page.mouse.move(5, 5)
    lit(page, None)


IN_SIGHT = f"""(term) => {{
  const bottom = innerHeight, found = [`.terms [data-term=${{term}}]`, ".losses"].map(
    (selector) => ({IN_SHADOW})(selector, (e) => e.getBoundingClientRect()));
  return found.every((box) => box.top >= 0 && box.bottom <= bottom + 1);
}}"""


@pytest.mark.parametrize("term", ["reconstruction_loss", "loss"])
@pytest.mark.parametrize("by", ["mouse", "finger", "keyboard"])
def test_whoever_points_at_a_term_sees_its_curve(finished, chromium, by, term):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    desk = {"viewport": {"width": 1280, "height": 800}}
    page = chromium.new_page(**phone if by == "finger" else desk)
    opened(page, finished["variational"])
    if by == "mouse":
        page.wait_for_function(IN_SIGHT, arg=term)
        at = card(page, term).bounding_box()
        page.mouse.move(at["x"] + 9, at["y"] + 9)  # `hover` would scroll
    elif by == "finger":
        card(page, term).tap()
    else:
        page.get_by_test_id("stMain").evaluate("e => e.scrollTo(0, 0)")
        for _ in range(40):
            page.keyboard.press("Tab")
            if lit_cards(page) == [term]:
                break
    lit(page, term)
    page.wait_for_function(IN_SIGHT, arg=term)
    page.context.close()


def lit_cards(page) -> list[str]:
    return [each.get_attribute("data-term") for each in page.locator(".terms .lit").all()]


def test_the_terms_stay_open_while_it_trains_and_pauses(server, page):
    start_long_vae(page, server)
    page.get_by_text("The loss, term by term").click()
    card(page, "latent_loss").wait_for()
    wait_for_points(page, 5)
    page.wait_for_timeout(1000)
    place = place_of_chart(page)
    weight = page.locator(".st-key-settings").get_by_role("slider", name="Latent weight")
    weight.press("ArrowRight")
    page.get_by_role("button", name="Pause").click()  # breaks off what the slider began
    page.get_by_role("button", name="Step").wait_for()
    page.get_by_text("settings now differ").wait_for()
    assert card(page, "latent_loss").is_visible()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()
    page.wait_for_timeout(500)
    assert card(page, "latent_loss").is_visible()
    assert place_of_chart(page) == pytest.approx(place, abs=1)


def place_of_chart(page) -> float:
    """How far below the page's beginning it is, wherever the page is scrolled to."""
    scrolled = page.get_by_test_id("stMain").evaluate("e => e.scrollTop")
    return page.locator(".losses").bounding_box()["y"] + scrolled


def test_by_keyboard_a_card_lights_and_enter_keeps(finished, page):
    opened(page, finished["sparse"])
    page.keyboard.press("Tab")  # from the fold's title
    assert page.evaluate("document.activeElement.shadowRoot?.activeElement.dataset.term") == (
        "reconstruction_loss"
    )
    lit(page, "reconstruction_loss")
    page.keyboard.press("Tab")
    lit(page, "sparsity_loss")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    lit(page, "reconstruction_loss")
    page.keyboard.press("Shift+Tab")  # back on the title
    lit(page, "sparsity_loss")
    assert card(page, "sparsity_loss").get_attribute("aria-pressed") == "true"
    card(page, "loss").click()  # its curve was out of sight: it has a third unit
    assert "loss, training" in lit(page, "loss")
    card(page, "loss").click()
    page.mouse.move(5, 5)
    lit(page, None)


def test_the_formula_is_that_of_the_phase_that_is_looked_at(finished, page):
    opened(page, finished["greedy"])
    formulas = variant("greedy").phase_formulas(
        store.open_run(finished.runs, finished.ids["greedy"]).config
    )
    assert len(formulas) == 3

    def shown():
        (only,) = page.evaluate(
            """[0, 1, 2].map((i) => document.querySelector(`.st-key-microscope-${i}`))
              .filter((place) => place.checkVisibility()).map((place) => place.innerText)"""
        )
        return only

    assert "the encoder and the decoder" in shown()
    assert "squared pixels" in card(page, "reconstruction_loss").inner_text()
    slider = page.get_by_role("slider", name="Moment")
    slider.focus()
    slider.press("Home")
    page.wait_for_function(
        """() => document.querySelector('.st-key-microscope-0').checkVisibility()"""
    )
    assert "layer 1 of the encoder" in shown()
    for _ in range(40):
        slider.press("ArrowRight")
        if "layer 2 of the encoder" in shown():
            break
    page.get_by_text("layer 2 of the encoder").wait_for()
    assert "squared activations" in card(page, "reconstruction_loss").inner_text()
    card(page, "reconstruction_loss").hover()
    page.locator(".where", has_text="Greedy._pair_phase").wait_for()


def test_the_numbers_move_while_it_trains(server, server_runs, page):
    run_id = start_long_vae(page, server)
    wait_for_points(page, 5)
    page.get_by_text("The loss, term by term").click()
    card(page, "latent_loss").press("Enter")
    before = numbers(page)
    page.wait_for_function(
        """(before) => {
          for (const host of document.querySelectorAll('*')) {
            const when = host.shadowRoot?.querySelector('.microscope .as-of');
            if (when) return when.textContent !== before;
          }
        }""",
        arg=before["when"],
    )
    now = numbers(page)
    assert now["reconstruction_loss"] != before["reconstruction_loss"]
    assert card(page, "latent_loss").get_attribute("aria-pressed") == "true"
    lit(page, "latent_loss")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Train again").wait_for()
    page.wait_for_timeout(500)
    last = numbers(page)
    step = int(last.pop("when").removeprefix("Now, at step ").split(":")[0].replace(",", ""))
    assert last in expected(store.open_run(server_runs, run_id), 0, step)
