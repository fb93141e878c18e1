"""The methods that are compared: restorers, and restorers that are told the true blur."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from clearface.arrays import ByteImage, DoubleArray, FloatArray, as_bytes
from clearface.blending import in_colours_of
from clearface.detectors.base import Detector
from clearface.errors import ModelError, UsageError
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.specs import MethodSpec
from clearface.faces import Face
from clearface.pipeline import Pipeline, RestoredFrame
from clearface.restorers.base import Restored, Restorer, restore_checked
from clearface.restorers.blur_source import TrueBlurs
from clearface.restorers.registry import build_restorer


class Method:
    """One restorer as it is measured; built once a process."""

    def __init__(self, spec: MethodSpec, detector: Detector) -> None:
        """Raises what `build_restorer` raises, the method named."""
        self.spec = spec
        self._detector = detector
        try:
            self.restorer: Restorer = build_restorer(spec.restorer, spec.options)
        except (UsageError, ModelError) as error:
            raise type(error)(f"{spec.name}: {error}") from error

    def restored(self, faces: FloatArray, names: Sequence[str], kernels: Sequence[DoubleArray] | None = None) -> Batch:
        """Face crops `(N, H, W, 3)`, of 8 bits a channel, as the pipeline would paste them: in the colours they came in.

        A restorer that works at another size than theirs gets them at its own, and the change is brought back, as in
        `clearface restore --aligned`; what it says of errors and kernels is not known then. names: of the faces, for sentences.
        kernels: the true blur of each, for a method that is told it. Raises ModelError, naming the first face it fails on, where
        an answer is not finite or of another shape.
        """
        height, width = faces.shape[1:3]
        if not height == width == self.restorer.working_size(float(width)):
            return self._at_its_own_size(faces, names)
        answer = self._answer(faces, names, kernels)
        left = answer.left or (False,) * len(faces)
        estimates = answer.estimates or (None,) * len(faces)
        return Batch(
            in_colours_of(faces, answer.faces),
            faces,
            answer.error,
            tuple(None if out else estimate for out, estimate in zip(left, estimates, strict=True)),
        )

    def in_photo(self, pixels: ByteImage, name: str, faces: Sequence[Face]) -> RestoredFrame:
        """A photo `(H, W, 3)` with its faces restored. Raises ModelError, naming the photo, where the restorer fails."""
        return self._named(name, lambda: Pipeline(self._detector, self.restorer).restore(pixels, list(faces)))

    def _at_its_own_size(self, faces: FloatArray, names: Sequence[str]) -> Batch:
        pipeline = Pipeline(self._detector, self.restorer)
        restored = [
            self._named(name, partial(pipeline.restore_aligned, as_bytes(face)))
            for name, face in zip(names, faces, strict=True)
        ]
        pixels = np.stack([frame.pixels for frame in restored])
        return Batch(pixels.astype(np.float32) / np.float32(255), faces)

    def _named(self, name: str, restore: Callable[[], RestoredFrame]) -> RestoredFrame:
        try:
            return restore()
        except ModelError as error:
            raise ModelError(f"{self.spec.name} failed on {name}: {error}") from error

    def _answer(self, faces: FloatArray, names: Sequence[str], kernels: Sequence[DoubleArray] | None) -> Restored:
        try:
            return restore_checked(self._told(kernels), faces)
        except ModelError as error:
            for place, name in enumerate(names):
                alone = None if kernels is None else [kernels[place]]
                try:
                    restore_checked(self._told(alone), faces[place : place + 1])
                except ModelError as own:
                    raise ModelError(f"{self.spec.name} failed on {name}: {own}") from own
            raise ModelError(f"{self.spec.name} failed on {names[0]} and those after it: {error}") from error

    def _told(self, kernels: Sequence[DoubleArray] | None) -> Restorer:
        if not self.spec.true_kernel or kernels is None:
            return self.restorer
        blur = TrueBlurs(kernels, bool(self.spec.options.linear_light))
        return build_restorer(self.spec.restorer, replace(self.spec.options, blur_source=blur))
