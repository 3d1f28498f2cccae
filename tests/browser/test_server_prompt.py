"""What prompt websockets are worth: the empty round trip from a slider's key to a Label's text, with and without."""

from __future__ import annotations

from statistics import median

import pytest

from tests.browser.lab_server import lab_server

CELL = """
import ipywidgets as w
slider, label = w.IntSlider(max=1_000_000), w.Label("0")
slider.observe(lambda change: setattr(label, "value", str(change.new)), "value")
slider.add_class("t-slider"); label.add_class("t-label")
w.VBox([slider, label])
"""

# The clock starts in the page at the key and stops when the label's text node changes: no Python, no polling.
ROUND_TRIP = """() => new Promise(done => {
  const label = document.querySelector('.t-label');
  const watcher = new MutationObserver(() => { watcher.disconnect(); done(performance.now() - begin); });
  watcher.observe(label, {childList: true, characterData: true, subtree: true});
  const handle = document.querySelector('.t-slider .noUi-handle');
  const begin = performance.now();
  handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true, cancelable: true}));
})"""
WARM_UP, REPEATS = 10, 60


def round_trips(page) -> list[float]:
    """Milliseconds of each round trip, after some to warm up."""
    times = []
    for _ in range(WARM_UP + REPEATS):
        times.append(page.page.evaluate(ROUND_TRIP))
        page.page.wait_for_timeout(50)  # a person's pace: the acknowledgement of one move does not serve the next
    return times[WARM_UP:]


@pytest.mark.slow
def test_the_empty_round_trip_is_shorter_with_prompt_websockets(notebook, tmp_path, capsys):
    medians = {}
    for name, switch in (("plain", "0"), ("prompt", "1")):
        root = tmp_path / name
        root.mkdir()
        with lab_server(root, env={"LYAPLAB_PROMPT": switch}) as server:
            page = notebook([CELL], server=server)
            medians[name] = median(round_trips(page))
            page.assert_clean()
            assert page.python("slider.value") == WARM_UP + REPEATS
            page.close()
    with capsys.disabled():
        plain, prompt = medians["plain"], medians["prompt"]
        print(
            f"\nempty round trip, median of {REPEATS}: plain {plain:.1f} ms, prompt {prompt:.1f} ms, "
            f"ratio {prompt / plain:.2f}"
        )
    # Only the order is asserted, and it is a wide one: the delay that goes away is several times what is left.
    assert prompt < plain
