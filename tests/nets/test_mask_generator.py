"""The network that reads a blurred face."""

import pytest
import torch

from clearface.masks import FaceClass
from clearface.nets.costs import count_multiplications
from clearface.nets.mask_generator import MaskGenerator, MaskGeneratorConfig

SMALL = MaskGeneratorConfig(channels=(8, 12, 16), blocks=(1, 1, 1))


@pytest.mark.parametrize(("height", "width"), [(96, 96), (128, 256), (512, 96)])
def test_any_size_in_steps_of_16_goes_through(height: int, width: int) -> None:
    logits, guess = MaskGenerator(SMALL)(torch.rand(1, 3, height, width))
    assert logits.shape == (1, len(FaceClass), height, width)
    assert guess.shape == (1, 3, height, width)


def test_untrained_it_guesses_that_the_face_is_sharp() -> None:
    face = torch.rand(2, 3, 64, 64)
    torch.testing.assert_close(MaskGenerator(SMALL)(face)[1], face)


def test_every_weight_learns() -> None:
    torch.manual_seed(0)
    network = MaskGenerator(SMALL)
    with torch.no_grad():
        for weight in network.parameters():
            weight.normal_(0, 0.05)
    logits, guess = network(torch.rand(2, 3, 64, 64))
    (logits.square().mean() + guess.square().mean()).backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


def test_it_learns_to_tell_parts_apart() -> None:
    """A picture whose left half is bright and right half dark is parsed after a few steps."""
    torch.manual_seed(0)
    network = MaskGenerator(SMALL)
    face = torch.zeros(1, 3, 32, 32)
    face[..., :16] = 1
    classes = torch.full((1, 32, 32), int(FaceClass.HAIR))
    classes[..., :16] = int(FaceClass.SKIN)
    optimizer = torch.optim.Adam(network.parameters(), 5e-3)
    for _ in range(40):
        loss = torch.nn.functional.cross_entropy(network(face)[0], classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (network(face)[0].argmax(1) == classes).float().mean() > 0.97


def test_it_stays_within_its_budget() -> None:
    assert count_multiplications(MaskGenerator(), torch.zeros(1, 3, 128, 128)) <= 0.7e9
