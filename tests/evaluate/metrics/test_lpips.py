"""LPIPS with random weights of the real names and shapes, against torchmetrics."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torchmetrics.functional.image import lpips as reference

from clearface.arrays import FloatArray
from clearface.errors import ModelError
from clearface.evaluate.metrics.lpips import Backbone, Lpips, head_file


def alexnet() -> nn.Sequential:
    """The feature layers as torchvision lists them."""
    return nn.Sequential(
        nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(64, 192, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(192, 384, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(256, 256, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2),
    )


def vgg16() -> nn.Sequential:
    """Configuration D of the paper; 0 is a pooling."""
    layers: list[nn.Module] = []
    before = 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width == 0:
            layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
        else:
            layers += [nn.Conv2d(before, width, kernel_size=3, padding=1), nn.ReLU()]
            before = width
    return nn.Sequential(*layers)


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[nn.Sequential, Path]]:
    """Of each backbone the layers with random weights, and a file of them with a classifier that is of no use."""
    torch.manual_seed(0)
    made = {}
    for name, build in (("alex", alexnet), ("vgg", vgg16)):
        layers = build().eval()
        path = tmp_path_factory.mktemp("weights") / f"{name}.pth"
        state = {f"features.{key}": value for key, value in layers.state_dict().items()}
        torch.save(state | {"classifier.1.weight": torch.zeros(2, 2)}, path)
        made[name] = layers, path
    return made


@pytest.mark.parametrize("name", ["alex", "vgg"])
@pytest.mark.parametrize("side", [64, 70])
def test_it_is_that_of_torchmetrics(
    name: str,
    side: int,
    networks: dict[str, tuple[nn.Sequential, Path]],
    sharp: FloatArray,
    spoiled: FloatArray,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which would take the backbone from torchvision, and is handed the same random one."""
    layers, path = networks[name]
    first, second = (np.ascontiguousarray(each[40 : 40 + side, 60 : 60 + side]) for each in (sharp, spoiled))

    def backbone(net: str, pretrained: bool = False) -> nn.Sequential:
        assert pretrained
        assert net == {"alex": "alexnet", "vgg": "vgg16"}[name]
        return layers

    monkeypatch.setattr(reference, "_get_tv_model_features", backbone)
    one, other = (torch.from_numpy(each).permute(2, 0, 1)[None] for each in (first, second))
    expected = float(
        reference.learned_perceptual_image_patch_similarity(
            one, other, net_type="alex" if name == "alex" else "vgg", normalize=True
        )
    )
    network = Lpips(Backbone(name), path)
    distance = network.distance(network.features(first), network.features(second))
    assert expected > 1e-4
    assert distance == pytest.approx(expected, rel=1e-4)


def test_equal_pictures_are_at_no_distance_and_threads_change_no_bit(
    networks: dict[str, tuple[nn.Sequential, Path]], sharp: FloatArray, spoiled: FloatArray
) -> None:
    network = Lpips(Backbone.ALEX, networks["alex"][1])
    assert network.distance(network.features(sharp), network.features(sharp.copy())) == 0
    threads = torch.get_num_threads()
    try:
        values = []
        for count in (1, 3):
            torch.set_num_threads(count)
            values.append(network.distance(network.features(sharp), network.features(spoiled)))
            assert torch.get_num_threads() == count
    finally:
        torch.set_num_threads(threads)
    assert values[0] == values[1] > 0


def test_the_heads_of_the_two_backbones_are_told_apart(networks: dict[str, tuple[nn.Sequential, Path]]) -> None:
    heads = head_file(Backbone.VGG)
    assert heads is not None
    with pytest.raises(ModelError, match="LPIPS heads of torchvision's AlexNet"):
        Lpips(Backbone.ALEX, networks["alex"][1], heads)


def write_text(path: Path) -> None:
    path.write_bytes(b"no weights")


def write_list(path: Path) -> None:
    torch.save([torch.zeros(3)], path)


def write_network(path: Path) -> None:
    """Pickled whole: to read it would be to run what it says."""
    torch.save(nn.Linear(2, 2), path)


def write_other_names(path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, path)


def write_other_shapes(path: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(3)}, path)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (None, "no such file of weights"),
        (write_text, "no file of PyTorch weights"),
        (write_list, "something else than tensors"),
        (write_network, "no file of PyTorch weights"),
        (write_other_names, r"no weights of torchvision's AlexNet: features.0.weight of \(64, 3, 11, 11\) is missing"),
        (write_other_shapes, r"features.0.weight of \(64, 3, 11, 11\) is of \(3,\)"),
    ],
)
def test_a_wrong_file_is_one_sentence(write: Callable[[Path], None] | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    if write is not None:
        write(path)
    with pytest.raises(ModelError, match=words) as caught:
        Lpips(Backbone.ALEX, path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
