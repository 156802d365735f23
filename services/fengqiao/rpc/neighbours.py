"""What the gRPC door needs of the Links to the neighbours; `bus` stands behind it, and the entry joins the two."""

from collections.abc import AsyncIterator
from typing import Protocol

from fengqiao.proto.v1 import federation_service_pb2 as pb


class Neighbours(Protocol):
    """The neighbours of one centre, as far as their Links stand."""

    async def ask(self, neighbour: str, question: pb.Question, timeout_seconds: float) -> pb.Answer:
        """Ask a neighbour; raises UNAVAILABLE neighbour_away when there is no Link or no answer in the time."""

    def serve(self, requests: AsyncIterator[pb.LinkRequest]) -> AsyncIterator[pb.LinkResponse]:
        """Serve the Link that a child dialled, from its Hello to its end; raises FORBIDDEN for anybody else."""

    def up(self, neighbour: str) -> bool:
        """Tell whether the Link to a neighbour stands."""
