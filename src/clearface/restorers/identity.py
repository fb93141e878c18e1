"""No restoration at all."""

from clearface.arrays import FloatArray
from clearface.faces import nearest_working_size
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells


class Identity:
    """Hands faces back as they are: what to measure against, and what the pipeline alone does to a photo."""

    name = "identity"
    framing = Framing.TEMPLATE
    tells = Tells()

    def working_size(self, native_size: float) -> int:
        """The nearest of `clearface.faces.WORKING_SIZES`."""
        return nearest_working_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """None."""
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        """A copy of the faces."""
        return Restored(faces.copy())
