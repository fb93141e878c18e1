"""SMFD: semantic masks and the estimated blur guide the restoration of a face; no sharp reference is needed."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from clearface.arrays import FloatArray
from clearface.blur_estimates import BlurEstimate
from clearface.errors import ModelError, UsageError
from clearface.faces import nearest_working_size
from clearface.restorers.base import Framing, NetworkUse, Restored, Tells, check_fidelity, faces_at_once
from clearface.restorers.smfd.back_projection import ERROR_LEFT, projected_back
from clearface.restorers.smfd.description import (
    DETAILED_FILE,
    FAITHFUL_FILE,
    KERNEL_FILE,
    READER_FILE,
    DeblurringSettings,
)
from clearface.restorers.smfd.estimator import BlurEstimator, as_planes, resized
from clearface.restorers.smfd.filtering import filtered_by_field, filtered_faces
from clearface.restorers.smfd.judgement import Findings, detail_share, judge
from clearface.restorers.smfd.networks import DeblurringNetwork, KernelNetwork, Reader, shipped_folder
from clearface.verdicts import Verdict

DEFAULT_FIDELITY = 1.0
"""Nothing is invented unless it is asked for."""

NEAR = 0.05
"""In brightness: a confidence is the chance that a pixel lies this near to the truth."""

LARGEST_SIZE = 320
"""Larger faces are restored at this size, which keeps a crowd of them affordable; the networks were trained up to 256. As what is
pasted is the change, finer detail of the photo survives."""

LOST_ERROR = 0.27
"""In brightness: what nine pixels of ten stay below on a face that is too far gone, whatever the network says of it, which has
never seen such a one. Of 185 faces under Gaussian blurs of 9 to 20 pixels of 128 or reduced to 8 pixels."""

SWIFT_READING = 160
"""Side at which parts and guess of larger faces are read where time counts."""

_STRIDE = 16


class Smfd:
    """Reads a face, names its blur, undoes it at several strengths, and repairs what that leaves."""

    name = "smfd"
    framing = Framing.TEMPLATE
    tells = Tells(confidence=True, kernel=True)

    def __init__(
        self, folder: Path | None = None, fidelity: float = DEFAULT_FIDELITY, restore_anyway: bool = False
    ) -> None:
        """folder: holds the networks; None for those that ship with clearface. fidelity: 0 for the detailed network, 1 for
        the faithful one, between them a mixture. restore_anyway: faces that are sharp already or too far gone too.

        Raises UsageError where the fidelity cannot be, ModelError where a network that is needed is missing or damaged.
        """
        check_fidelity(fidelity)
        place = folder or shipped_folder()
        if fidelity < 1 and not (place / DETAILED_FILE).is_file():
            raise UsageError(f"a fidelity below 1 needs the network {place / DETAILED_FILE}, which is not there")
        self._reader = Reader(place / READER_FILE)
        self._estimator = BlurEstimator(self._reader, KernelNetwork(place / KERNEL_FILE))
        shares = ((FAITHFUL_FILE, fidelity), (DETAILED_FILE, 1 - fidelity))
        self._networks = [(DeblurringNetwork(place / file), share) for file, share in shares if share > 0]
        self._filter = self._networks[0][0].settings
        for network, _ in self._networks[1:]:
            if (network.settings.strengths, network.settings.flat) != (self._filter.strengths, self._filter.flat):
                raise ModelError(f"{network.path}: wants other filters than {self._networks[0][0].path}")
        self._restore_anyway = restore_anyway

    def working_size(self, native_size: float) -> int:
        """The nearest of `clearface.faces.WORKING_SIZES` up to `LARGEST_SIZE`."""
        return min(nearest_working_size(native_size), LARGEST_SIZE)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        """The reader at the estimator's size and at the face's own, the kernel network for each look, the deblurring network."""
        own_size = () if side == self._estimator.size else (self._reader.use(side),)
        deblurring = tuple(network.use(side) for network, _ in self._networks)
        return *self._estimator.networks(side), *own_size, *deblurring

    @property
    def restores_anyway(self) -> bool:
        """Whether faces are restored too that are sharp already or too far gone."""
        return self._restore_anyway

    def restore(self, faces: FloatArray) -> Restored:
        """Sharp faces, RGB float32 `(N, S, S, 3)` in [0, 1], S a multiple of 16, with all `Restored` can hold.

        A face that is sharp already or too far gone comes back as it was, unless it is to be restored anyway. Its error then
        covers the step not taken too. Raises ModelError where a network answers with nonsense, ValueError for another S.
        """
        return _joined([self._restore_some(faces[part]) for part in _parts(faces)])

    def name_blurs(self, faces: FloatArray) -> list[BlurEstimate]:
        """The blur of each of RGB float32 `(N, S, S, 3)` in [0, 1], kernels in pixels of those faces. Raises as `restore`."""
        _parts(faces)
        return self._estimator.estimate(faces)

    def restore_knowing(self, faces: FloatArray, blurs: Sequence[BlurEstimate], swift: bool) -> Restored:
        """What `restore` answers for faces whose blurs are known, but that none is left as it was. Raises as `restore`.

        swift: parts, guess and detail of faces larger than `SWIFT_READING` are read at that size. On 40 blurred portraits of
        256 pixels this cost 0.04 dB and saved a quarter of the time.
        """
        answers = []
        for part in _parts(faces):
            planes = as_planes(faces[part])
            masks, guess = self._read_swiftly(faces[part]) if swift else self._reader.read(planes)
            looked_at = resized(faces[part], min(faces.shape[1], SWIFT_READING)) if swift else faces[part]
            details = [detail_share(face) for face in looked_at]
            answers.append(self._repair_all(planes, list(blurs[part]), masks, guess, details))
        return _joined(answers)

    def _restore_some(self, faces: FloatArray) -> Restored:
        planes = as_planes(faces)
        details = [detail_share(face) for face in faces]
        answer = self._repair_all(planes, *self._see(faces, planes), details)
        assert answer.verdicts is not None
        assert answer.error is not None
        left = np.array([verdict is not Verdict.RESTORED and not self._restore_anyway for verdict in answer.verdicts])
        change = np.abs(answer.faces.transpose(0, 3, 1, 2) - planes).mean(1)
        answer.faces[left] = faces[left]
        answer.error[left] += change[left]
        return replace(answer, confidence=confidence_of(answer.error), left=tuple(left.tolist()))

    def _repair_all(
        self,
        planes: FloatArray,
        estimates: list[BlurEstimate],
        masks: FloatArray,
        guess: FloatArray,
        details: list[float],
    ) -> Restored:
        """Every face `(N, 3, S, S)` restored, and what is judged of it. details: the `detail_share` of each."""
        candidates = np.concatenate([planes, guess, _filtered(planes, estimates, self._filter)], 1)
        restored = np.zeros_like(planes)
        error = np.zeros((len(planes), *planes.shape[2:]), np.float32)
        for network, share in self._networks:
            # Each answer is projected back by itself, so that the mixture moves evenly with the fidelity.
            repaired, off = self._repair(network, planes, candidates, masks, estimates)
            restored += np.float32(share) * repaired
            error += np.float32(share) * off
        change = np.abs(restored - planes).mean(1)
        verdicts = tuple(
            judge(Findings(detail, estimates[index], masks[index], change[index], error[index]))
            for index, detail in enumerate(details)
        )
        lost = np.array([verdict is Verdict.TOO_FAR_GONE for verdict in verdicts])
        error[lost] = np.maximum(error[lost], LOST_ERROR)
        answer = np.ascontiguousarray(restored.transpose(0, 2, 3, 1))
        return Restored(answer, confidence_of(error), error, tuple(estimates), verdicts)

    def _read_swiftly(self, faces: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Masks and guesses of the faces' size, from a smaller one."""
        side = faces.shape[1]
        size = min(side, SWIFT_READING)
        masks, guess = self._reader.read(as_planes(resized(faces, size)))
        if size == side:
            return masks, guess
        return _enlarged(masks, side, cv2.INTER_LINEAR), _enlarged(guess, side, cv2.INTER_CUBIC)

    def _repair(
        self,
        network: DeblurringNetwork,
        planes: FloatArray,
        candidates: FloatArray,
        masks: FloatArray,
        estimates: list[BlurEstimate],
    ) -> tuple[FloatArray, FloatArray]:
        """One network's faces `(N, 3, S, S)` and their errors `(N, S, S)`."""
        repaired, off = network.deblur(candidates, masks)
        for index, estimate in enumerate(estimates):
            nearer = projected_back(planes[index], repaired[index], estimate, self._filter)
            if nearer is not None:
                repaired[index] = nearer
                off[index] *= ERROR_LEFT
        return repaired, off

    def _see(self, faces: FloatArray, planes: FloatArray) -> tuple[list[BlurEstimate], FloatArray, FloatArray]:
        """Kernels in pixels of the faces, masks and guesses of their size."""
        size = self._estimator.size
        if faces.shape[1] == size:
            seen = self._estimator.see(planes)
            return list(seen.estimates), seen.masks, seen.guess
        seen = self._estimator.see(as_planes(resized(faces, size)))
        return self._estimator.look_closer(faces, seen), *self._reader.read(planes)


def confidence_of(error: FloatArray) -> FloatArray:
    """The chance that a pixel lies within `NEAR` of the truth, in [0, 1].

    error: what nine pixels of ten stay below. Errors fall off exponentially, as those of the likelihood the networks are
    trained with do.
    """
    return np.asarray(1 - np.exp(-NEAR * np.log(10) / np.maximum(error, 1e-6)), np.float32)


def _filtered(planes: FloatArray, estimates: list[BlurEstimate], settings: DeblurringSettings) -> FloatArray:
    """All faces at once with the kernel of each, or with its field where it has one."""
    kernels = np.stack([estimate.kernel for estimate in estimates]).astype(np.float32)
    varying = [index for index, estimate in enumerate(estimates) if estimate.field is not None]
    even = [index for index, estimate in enumerate(estimates) if estimate.field is None]
    answers = np.empty((len(planes), 3 * len(settings.strengths), *planes.shape[2:]), np.float32)
    if even:
        answers[even] = filtered_faces(planes[even], kernels[even], settings)
    if varying:
        fields = np.stack([estimate.field for estimate in estimates if estimate.field is not None]).astype(np.float32)
        answers[varying] = filtered_by_field(planes[varying], fields, settings)
    return answers


def _parts(faces: FloatArray) -> list[slice]:
    """Which faces go through the networks together. Raises ValueError for sides the networks cannot take."""
    side = faces.shape[1]
    if side % _STRIDE or side != faces.shape[2]:
        raise ValueError(f"faces are squares of a multiple of {_STRIDE} pixels, not {faces.shape[1:3]}")
    at_once = faces_at_once(side)
    return [slice(start, start + at_once) for start in range(0, len(faces), at_once)]


def _enlarged(planes: FloatArray, side: int, interpolation: int) -> FloatArray:
    """Planes `(N, C, s, s)` at `(N, C, side, side)`."""
    larger = np.empty((*planes.shape[:2], side, side), np.float32)
    for place in np.ndindex(planes.shape[:2]):
        cv2.resize(planes[place], (side, side), dst=larger[place], interpolation=interpolation)
    return larger


def _joined(parts: list[Restored]) -> Restored:
    if len(parts) == 1:
        return parts[0]
    return Restored(
        np.concatenate([part.faces for part in parts]),
        np.concatenate([part.confidence for part in parts if part.confidence is not None]),
        np.concatenate([part.error for part in parts if part.error is not None]),
        tuple(estimate for part in parts for estimate in part.estimates or ()),
        tuple(verdict for part in parts for verdict in part.verdicts or ()),
        tuple(left for part in parts for left in part.left or ()) or None,
    )
