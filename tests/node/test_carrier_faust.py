"""The carrier by Faust keeps what every carrier has to keep."""

from collections.abc import Sequence

import pytest

from fengqiao.bus.carrier import Carrier, Receiver
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from tests.node.carrier_conformance import CarrierConformance, Make


def faust_carrier(bootstrap: str, centre: str, topics: Sequence[str], receiver: Receiver) -> Carrier:
    return FaustCarrier(CarrierSettings(centre, (bootstrap,), send_deadline_seconds=3.0), topics, receiver)


class TestFaustCarrier(CarrierConformance):
    @pytest.fixture
    def make(self) -> Make:
        return faust_carrier
