"""Kernel banks."""

from pathlib import Path

import numpy as np
import pytest
import torch

from clearface.degrade.bank import fitted_kernel, load_bank, make_bank, save_bank
from clearface.degrade.blurs import BlurMix
from clearface.errors import ModelError, PhotoError


def test_a_bank_repeats_for_its_seed_and_sums_to_one() -> None:
    bank = make_bank(np.random.default_rng(5), 60, 41, fields=3)
    assert bank.kernels.shape == (60, 41, 41)
    assert bank.fields.shape == (3, 3, 3, 41, 41)
    assert bank.taps == 41
    assert len(bank.words) == 63
    np.testing.assert_allclose(bank.kernels.sum((1, 2)), 1, atol=1e-5)
    again = make_bank(np.random.default_rng(5), 60, 41, fields=3)
    assert torch.equal(bank.kernels, again.kernels)
    assert torch.equal(bank.fields, again.fields)
    assert not torch.equal(bank.kernels, make_bank(np.random.default_rng(6), 60, 41).kernels)


def test_the_mix_decides_the_kinds() -> None:
    mix = BlurMix(shake=0, line=0, gaussian=0, disc=0, product=0, spline=0, box=1, sides=(5.0,))
    boxes = make_bank(np.random.default_rng(0), 20, 11, mix)
    np.testing.assert_allclose(boxes.kernels[:, 3:8, 3:8], 1 / 25, rtol=1e-6)
    assert set(boxes.words) == {"box side=5"}


def test_an_even_bank_is_refused() -> None:
    with pytest.raises(ValueError, match="odd"):
        make_bank(np.random.default_rng(0), 1, 30)


def test_a_bank_comes_back_from_its_file(tmp_path: Path) -> None:
    bank = make_bank(np.random.default_rng(5), 12, 15, fields=2)
    save_bank(bank, tmp_path / "bank.safetensors")
    again = load_bank(tmp_path / "bank.safetensors")
    assert torch.equal(bank.kernels, again.kernels)
    assert torch.equal(bank.fields, again.fields)
    assert bank.words == again.words
    with pytest.raises(PhotoError, match="exists already"):
        save_bank(bank, tmp_path / "bank.safetensors")


def test_what_is_no_bank_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no bank")
    for name in ("text", "missing"):
        with pytest.raises(ModelError, match=r"this is no bank of kernels"):
            load_bank(tmp_path / name)


def test_a_large_kernel_is_cut_around_its_middle() -> None:
    large = np.zeros((9, 9))
    large[4, 2:7] = [1, 2, 3, 2, 1]
    np.testing.assert_allclose(fitted_kernel(large, 3)[1], np.array([2, 3, 2]) / 7)
