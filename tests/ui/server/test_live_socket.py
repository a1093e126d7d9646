"""What a page that watches a training is sent, and when."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from aecore.jobs.work import work
from aecore.training.events import PhaseStarted, Steps
from tests.helpers import made
from ui.server.live_socket import _Channel


def test_news_keep_their_beat_however_often_the_state_changed_before(tmp_path):
    donor, run = made(tmp_path / "a", epochs=1), made(tmp_path / "b")
    work(donor)
    phase = next(event for event in donor.events() if isinstance(event, PhaseStarted))
    steps = next(event for event in donor.events() if isinstance(event, Steps))
    sent: list[float] = []

    class Socket:
        async def send_text(self, text: str) -> None:
            sent.append(time.monotonic())

        async def close(self) -> None:
            pass

    async def watch() -> None:
        channel, step = _Channel(run), 0
        run.append(phase)
        await channel.join(Socket())
        for changes in (True, False):
            until = time.monotonic() + 1.5
            while time.monotonic() < until:
                step += 1
                run.append(replace(steps, step=step))
                if changes:
                    run.update(images=step)
                await asyncio.sleep(0.06)
        channel.sockets.clear()
        await channel.task

    ThreadPoolExecutor().submit(
        lambda: asyncio.run(watch())
    ).result()  # this thread's event loop may be Playwright's
    late = [moment for moment in sent if moment > time.monotonic() - 1.2]
    assert len(late) >= 3, "five a second, and none at all if each change had put the next news off"
