"""The small CNN learns what can be learned, the same every time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from clearface.arrays import FloatArray
from clearface.evaluate.recognition.augmenting import Augmentation, augmented
from clearface.evaluate.recognition.fusion_cnn import CnnSettings, train_fusion_cnn
from clearface.nets.small_fusion_cnn import SmallFusionCnn, SmallFusionConfig

STILL = Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0.35, 0, False)


def toy(count: int, seed: int) -> tuple[FloatArray, np.ndarray]:
    """Discs, bars and crosses anywhere, in noise."""
    generator = np.random.default_rng(seed)
    kinds = generator.integers(0, 3, count)
    rows, columns = np.mgrid[-1:1:40j, -1:1:36j]
    pictures = []
    for kind in kinds:
        down, right = generator.uniform(-0.15, 0.15, 2)
        y, x = rows - down, columns - right
        shape = (
            np.hypot(x, y) < 0.5,
            (np.abs(y) < 0.15) & (np.abs(x) < 0.7),
            (np.abs(y - x) < 0.15) | (np.abs(y + x) < 0.15),
        )[kind]
        pictures.append(np.clip(0.3 + 0.4 * shape + generator.normal(0, 0.05, shape.shape), 0, 1))
    return np.array(pictures, np.float32), kinds * 10 + 5


def test_it_learns_three_kinds_of_shapes_and_its_loss_falls() -> None:
    pictures, owners = toy(30, 0)
    before = torch.get_rng_state()
    trained = train_fusion_cnn(pictures, owners, 1, CnnSettings(steps=60, batch=16))
    assert torch.equal(torch.get_rng_state(), before)
    others, truth = toy(60, 1)
    answers = trained.recognize(others)
    assert np.mean(answers == truth) > 0.9
    assert len(trained.losses) == 60
    assert np.mean(trained.losses[-10:]) < 0.6 * np.mean(trained.losses[:5])
    alone = np.array([trained.recognize(picture[None])[0] for picture in others[:5]])
    np.testing.assert_array_equal(alone, answers[:5])


def test_the_same_seed_gives_the_same_network() -> None:
    pictures, owners = toy(12, 2)
    runs = [train_fusion_cnn(pictures, owners, seed, CnnSettings(steps=4, batch=8)).losses for seed in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_one_person_is_refused() -> None:
    with pytest.raises(ValueError, match="two or more"):
        train_fusion_cnn(np.zeros((2, 40, 40), np.float32), np.zeros(2, np.intp), 0)


def test_nothing_is_changed_where_nothing_is_to_be() -> None:
    pictures = torch.rand(3, 1, 20, 24, generator=torch.Generator().manual_seed(0))
    same = augmented(pictures, torch.Generator().manual_seed(1), STILL)
    torch.testing.assert_close(same, pictures, atol=2e-3, rtol=0)


def test_a_shift_moves_the_picture_by_that_share_of_its_side() -> None:
    pictures = torch.zeros(64, 1, 40, 40)
    pictures[:, :, 18:22, 18:22] = 1
    moved = augmented(pictures, torch.Generator().manual_seed(1), replace(STILL, shift=0.1))
    weights = moved.sum((1, 2, 3))
    places = (moved * torch.arange(40.0)).sum((1, 2, 3)) / weights - 19.5
    assert places.abs().max() <= 4.1
    assert places.abs().max() > 3
    assert (places > 0).any()
    assert (places < 0).any()


def test_each_depth_has_its_grid() -> None:
    with pytest.raises(ValueError, match="one width and one grid"):
        SmallFusionConfig((8, 16), (2,))
    network = SmallFusionCnn(5, SmallFusionConfig((4, 8), (2, 1), 16)).eval()
    pictures = torch.rand(3, 1, 33, 47, generator=torch.Generator().manual_seed(0))
    vectors = network.vectors(pictures)
    assert vectors.shape == (3, 16)
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(3))
    assert network(pictures).shape == (3, 5)
    # brightness and contrast of a photo do not count
    torch.testing.assert_close(network(pictures * 0.5 + 0.2), network(pictures), atol=0.3, rtol=0.05)
