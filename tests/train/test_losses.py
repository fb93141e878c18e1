"""The restoration loss, against the spectra of NumPy."""

import numpy as np
import pytest
import torch

from clearface.train.losses import frequency_loss, restoration_loss


def test_the_frequency_loss_is_that_of_the_spectra() -> None:
    first, second = torch.rand(2, 3, 16, 16), torch.rand(2, 3, 16, 16)
    spectra = [np.fft.rfft2(picture.double().numpy(), norm="ortho") for picture in (first, second)]
    expected = np.abs(spectra[0] - spectra[1]).mean()
    assert float(frequency_loss(first, second)) == pytest.approx(expected, rel=1e-5)
    assert float(restoration_loss(first, second, 0)) == pytest.approx(float((first - second).abs().mean()))
