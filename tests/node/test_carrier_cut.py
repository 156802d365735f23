"""A connection that is cut under a send: the sender is told that the carrier is away, and is not cancelled itself."""

import asyncio

import pytest

from fengqiao.bus.carrier import CarrierAway, Parcel
from fengqiao.bus.delivery import Delivery
from fengqiao.bus.faust_run import FaustRun
from fengqiao.bus.faust_settings import CarrierSettings


async def nobody(_records: object) -> None:
    """A receiver that is given nothing here."""


@pytest.fixture
async def run() -> FaustRun:
    return FaustRun(CarrierSettings("371401", ("127.0.0.1:1",)), ["made.up"], Delivery(nobody))


async def test_aiokafka_cancelling_a_send_is_no_cancellation_of_the_sender(
    run: FaustRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancelled(_parcel: Parcel) -> asyncio.Future[object]:
        raise asyncio.CancelledError

    monkeypatch.setattr(run._app, "post", cancelled)
    with pytest.raises(CarrierAway):
        await run.send([Parcel("made.up", b"", b"x", {})])
    run._delivering.cancel()


async def test_a_sender_that_is_cancelled_itself_is_cancelled(run: FaustRun, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_parcel: Parcel) -> asyncio.Future[object]:
        return asyncio.get_running_loop().create_future()

    monkeypatch.setattr(run._app, "post", never)
    sending = asyncio.create_task(run.send([Parcel("made.up", b"", b"x", {})]))
    await asyncio.sleep(0.05)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    run._delivering.cancel()
