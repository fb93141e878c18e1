"""The multi-layer feature-fusion CNN, trained on the photos of one split alone."""

from dataclasses import dataclass, field

import numpy as np

from clearface.arrays import FloatArray
from clearface.evaluate.identities.people_faces import IndexArray
from clearface.evaluate.recognition.augmenting import Augmentation


@dataclass(frozen=True)
class CnnSettings:
    """How it learns; chosen on splits of other seeds than those that are published."""

    steps: int = 300
    batch: int = 32
    rate: float = 3e-3
    """Greatest learning rate; it rises over the first fifth and falls to nothing (Smith and Topin 2019)."""

    decay: float = 0.05
    smoothing: float = 0.1
    """Of the labels."""

    augmentation: Augmentation = field(default_factory=Augmentation)


@dataclass(frozen=True, eq=False)
class TrainedCnn:
    """A network that knows the people of a split."""

    network: object
    people: IndexArray
    """`(C,)`: whose each of its answers is."""

    losses: tuple[float, ...]
    """Of every step."""

    def recognize(self, pictures: FloatArray) -> IndexArray:
        """`(N,)`: whose each of the grey pictures `(N, H, W)` in [0, 1] most probably is."""
        import torch

        assert isinstance(self.network, torch.nn.Module)
        with torch.inference_mode():
            logits = self.network(torch.from_numpy(np.ascontiguousarray(pictures))[:, None])
        answers: IndexArray = self.people[logits.argmax(1).numpy()]
        return answers


def train_fusion_cnn(
    pictures: FloatArray, owners: IndexArray, seed: int, settings: CnnSettings | None = None
) -> TrainedCnn:
    """Learns who is on grey pictures `(N, H, W)` in [0, 1]; owners: `(N,)`, whose each is.

    The same pictures, seed and settings give the same network on the same machine; what the caller draws by chance is as it was.
    Raises ValueError where there are fewer than two people.
    """
    import torch
    from torch.nn import functional

    from clearface.evaluate.recognition.augmenting import augmented
    from clearface.nets.small_fusion_cnn import SmallFusionCnn

    own = settings or CnnSettings()
    people, places = np.unique(owners, return_inverse=True)
    if len(people) < 2:
        raise ValueError("a network that tells people apart takes two or more")
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = SmallFusionCnn(len(people))
        photos, labels = torch.from_numpy(np.ascontiguousarray(pictures))[:, None], torch.from_numpy(places)
        optimizer = torch.optim.AdamW(network.parameters(), lr=own.rate, weight_decay=own.decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, own.rate, total_steps=own.steps, pct_start=0.2)
        losses = []
        for _ in range(own.steps):
            chosen = torch.randint(len(photos), (own.batch,), generator=generator)
            logits = network(augmented(photos[chosen], generator, own.augmentation))
            loss = functional.cross_entropy(logits, labels[chosen], label_smoothing=own.smoothing)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
    network.eval()
    return TrainedCnn(network, people, tuple(losses))
