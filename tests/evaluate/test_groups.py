"""From photos to faces as each method leaves them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clearface import point_spread
from clearface.arrays import ByteImage, FloatArray
from clearface.detectors.centerface import CenterFace
from clearface.errors import ModelError
from clearface.evaluate.gauges.base import Batch
from clearface.evaluate.groups import groups_of, kernel_reach
from clearface.evaluate.looking import LookJob, look
from clearface.evaluate.methods import Method
from clearface.evaluate.planning import faces_of, jobs_of, units_for
from clearface.evaluate.settings import (
    EvaluationSettings,
    GaugeSettings,
    PairedFolders,
    RealFolder,
    SharpFolder,
    Source,
)
from clearface.evaluate.specs import parse_method, parse_test
from clearface.evaluate.units import Group, Unit
from clearface.pipeline import Pipeline
from clearface.restorers.base import NetworkUse, Restored, restore_checked
from clearface.restorers.richardson_lucy import RichardsonLucy
from clearface.squares import take_square, template_square


def settings_for(source: Source, *restorers: str, tests: tuple[str, ...] = ()) -> EvaluationSettings:
    return EvaluationSettings(
        source,
        tuple(parse_test(test) for test in tests),
        tuple(parse_method(restorer) for restorer in restorers),
        7,
        None,
        GaugeSettings(),
    )


def units_in(settings: EvaluationSettings) -> list[Unit]:
    jobs = jobs_of(settings.source)
    looks = [look(job, CenterFace(), 10_000_000) for job in jobs]
    return units_for(settings, faces_of(jobs, looks, settings.source), looks)


def shown(group: Group) -> dict[str, Batch]:
    return dict(group.shown())


def groups(settings: EvaluationSettings) -> list[Group]:
    methods = [Method(spec, CenterFace()) for spec in settings.methods]
    return [group for unit in units_in(settings) for group in groups_of(unit, settings, methods)]


@pytest.fixture
def folder(tmp_path: Path, astronaut: ByteImage) -> Path:
    path = tmp_path / "sharp"
    path.mkdir()
    Image.fromarray(astronaut[:300, 80:380]).save(path / "a.png")
    Image.fromarray(astronaut[20:260, 100:350]).save(path / "b.png")
    return path


def test_faces_are_degraded_by_the_protocol_and_the_truth_is_the_sharp_square(
    folder: Path, astronaut: ByteImage
) -> None:
    from clearface.degrade.protocols import degrade_by_protocol

    settings = settings_for(SharpFolder(folder), "wiener", tests=("shen", "sharp@96"))
    shen, sharp = groups(settings)
    portrait = np.ascontiguousarray(astronaut[:300, 80:380])
    (face,) = CenterFace().detect(portrait)
    truth = take_square(portrait, template_square(face, 128))
    assert shen.names == ("a.png", "b.png")
    assert shen.sharp is not None
    np.testing.assert_array_equal(shen.sharp[0], truth)
    expected = degrade_by_protocol(shen.sharp, "shen", 7)
    before = shown(shen)["input"].after
    np.testing.assert_array_equal(before, expected.faces)
    assert shen.blurs == tuple(kernel_reach(kernel.astype(float)) for kernel in expected.kernels)
    assert sharp.sharp is not None
    assert np.abs(shown(sharp)["input"].after - sharp.sharp).max() <= 0.5 / 255 + 1e-6
    assert sharp.blurs == (1.0, 1.0)


def test_what_is_measured_is_what_the_pipeline_pastes(folder: Path, astronaut: ByteImage) -> None:
    (group,) = groups(settings_for(SharpFolder(folder), "smfd:restore-anyway=yes", tests=("shen@128",)))
    batches = shown(group)
    before, after = batches["input"].after, batches["smfd:restore-anyway=yes"].after
    from clearface.restorers.registry import RestorerOptions, build_restorer

    pipeline = Pipeline(CenterFace(), build_restorer("smfd", RestorerOptions(restore_anyway=True)))
    frame = pipeline.restore_aligned(np.rint(before[0] * 255).astype(np.uint8))
    np.testing.assert_allclose(frame.faces[0].after, after[0], atol=2e-4)


def test_the_true_kernel_is_told_to_each_face(folder: Path) -> None:
    (group,) = groups(settings_for(SharpFolder(folder), "richardson-lucy:psf=true", tests=("shen",)))
    assert group.sharp is not None
    batches = shown(group)
    before, after = batches["input"].after, batches["richardson-lucy:psf=true"].after
    errors = [np.mean((faces - group.sharp) ** 2, (1, 2, 3)) for faces in (before, after)]
    assert (errors[1] < 0.8 * errors[0]).all()
    estimates = batches["richardson-lucy:psf=true"].estimates
    assert estimates is not None
    assert estimates[0] is not None
    assert estimates[1] is not None
    assert not np.array_equal(estimates[0].kernel, estimates[1].kernel)


def test_a_tight_face_fills_its_square(folder: Path) -> None:
    loose, tight = (groups(settings_for(SharpFolder(folder), tests=(test,)))[0] for test in ("sharp", "sharp+tight"))
    assert loose.sharp is not None
    assert tight.sharp is not None
    widths = [
        CenterFace().detect(np.rint(faces[0] * 255).astype(np.uint8))[0].box.size
        for faces in (loose.sharp, tight.sharp)
    ]
    assert widths[1] > 1.4 * widths[0]


def test_a_face_is_the_same_whatever_follows_it(folder: Path) -> None:
    both = groups(settings_for(SharpFolder(folder), "smfd", tests=("mixed@128+tight",)))[0]
    one = groups(settings_for(SharpFolder(folder, faces=1), "smfd", tests=("mixed@128+tight",)))[0]
    for name, batch in shown(one).items():
        np.testing.assert_allclose(batch.after[0], shown(both)[name].after[0], atol=1e-5)


def test_pairs_are_measured_as_they_are(folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for path in folder.iterdir():
        Image.open(path).convert("RGB").rotate(180).save(theirs / path.name)
    first, second = groups(settings_for(PairedFolders(folder, theirs)))
    assert (first.names, second.names) == (("a.png",), ("b.png",))
    assert first.sharp is not None
    (batch,) = shown(first).values()
    assert list(shown(first)) == ["theirs/"]
    assert batch.before is None
    np.testing.assert_array_equal(batch.after[0], first.sharp[0, ::-1, ::-1])
    assert first.blurs == (None,)


def test_pairs_are_restored_as_face_crops_and_compared_with_the_results_of_others(folder: Path) -> None:
    settings = settings_for(PairedFolders(folder, folder, (folder,)), "richardson-lucy:psf=box:3")
    group = groups(settings)[0]
    batches = shown(group)
    assert list(batches) == ["input", "richardson-lucy:psf=box:3", "sharp/"]
    pixels = np.asarray(Image.open(folder / "a.png"))
    from clearface.restorers.registry import RestorerOptions, build_restorer

    own = build_restorer("richardson-lucy", RestorerOptions(point_spread_function="box:3"))
    frame = Pipeline(CenterFace(), own).restore_aligned(pixels)
    np.testing.assert_allclose(batches["richardson-lucy:psf=box:3"].after[0] * 255, frame.pixels, atol=0.51)


def test_faces_of_pairs_are_cut_out_alike(folder: Path) -> None:
    group = groups(settings_for(PairedFolders(folder, folder, faces_size=96)))[0]
    assert group.sharp is not None
    assert group.sharp.shape == (2, 96, 96, 3)
    (batch,) = shown(group).values()
    np.testing.assert_array_equal(batch.after, group.sharp)


def test_every_face_of_a_real_photo_is_measured_in_the_restored_photo(tmp_path: Path, astronaut: ByteImage) -> None:
    photo = np.zeros((300, 640, 3), np.uint8)
    photo[:, :300] = astronaut[:300, 80:380]
    photo[30:180, 400:550] = np.asarray(Image.fromarray(astronaut[:300, 80:380]).resize((150, 150)))
    (tmp_path / "real").mkdir()
    Image.fromarray(photo).save(tmp_path / "real" / "two.png")
    found = groups(settings_for(RealFolder(tmp_path / "real"), "wiener", "identity"))
    assert [group.names for group in found] == [("two.png face 1",), ("two.png face 2",)]
    for group in found:
        assert group.sharp is None
        batches = shown(group)
        assert list(batches) == ["input", "wiener", "identity"]
        np.testing.assert_array_equal(batches["identity"].after, batches["input"].after)
        assert np.abs(batches["wiener"].after - batches["input"].after).max() > 0.02
    sizes = [next(iter(shown(group).values())).after.shape[1] for group in found]
    assert sizes[0] > sizes[1]


def test_a_network_of_a_fixed_size_gets_faces_at_its_own(
    folder: Path, tmp_path: Path, tiny_network: Callable[..., Any]
) -> None:
    tiny = tiny_network(shape=(1, 3, 96, 96), gains=(1.1, 1.0, 0.9), metadata={"low": 0, "high": 1})
    path = tiny.save(tmp_path / "net.onnx")
    (group,) = groups(settings_for(SharpFolder(folder), f"onnx:model={path}", tests=("box5@64",)))
    batches = shown(group)
    before, after = batches["input"].after, batches[f"onnx:model={path}"].after
    assert after.shape == before.shape
    fine = np.abs(after - before).mean((0, 1, 2))
    assert fine[1] < 0.003
    assert (fine[[0, 2]] > 2 * fine[1]).all()


class Nonsense:
    """A restorer that fails on faces with a red corner alone."""

    def __init__(self, inner: RichardsonLucy) -> None:
        self.inner = inner
        self.name, self.framing, self.tells = "nonsense", inner.framing, inner.tells

    def working_size(self, native_size: float) -> int:
        return self.inner.working_size(native_size)

    def networks(self, side: int) -> tuple[NetworkUse, ...]:
        return ()

    def restore(self, faces: FloatArray) -> Restored:
        answer = np.where(faces[:, :1, :1, :1] > 0.9, np.nan, faces)
        return Restored(answer.astype(np.float32))


def test_the_face_a_method_fails_on_is_named() -> None:
    method = Method(parse_method("richardson-lucy"), CenterFace())
    method.restorer = Nonsense(RichardsonLucy())
    faces = np.zeros((3, 8, 8, 3), np.float32)
    assert method.restored(faces, ["a", "b", "c"]).after.shape == faces.shape
    faces[1, 0, 0, 0] = 1
    with pytest.raises(ModelError, match=r"richardson-lucy failed on b: .*not finite"):
        method.restored(faces, ["a", "b", "c"])
    with pytest.raises(ModelError, match="not finite"):
        restore_checked(method.restorer, faces)


@given(st.integers(1, 20), st.integers(1, 20))
def test_the_reach_of_a_box_is_its_larger_side(width: int, height: int) -> None:
    width, height = 2 * width + 1, 2 * height + 1
    assert kernel_reach(np.pad(point_spread.box(width, height), 5)) >= 0.97 * max(width, height) - 2
    assert kernel_reach(np.pad(point_spread.box(width, height), 5)) <= max(width, height)


def test_a_job_keeps_its_place_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "deep" / "x.png")
    assert jobs_of(SharpFolder(tmp_path)) == [LookJob("deep/x.png", tmp_path / "deep" / "x.png")]
