"""What the detailed weights are trained against."""

import torch

from clearface.nets.discriminators import PatchDiscriminator, component_patches


def test_a_score_for_every_patch() -> None:
    assert PatchDiscriminator()(torch.rand(2, 3, 64, 96)).shape == (2, 1, 8, 12)


def test_it_learns_to_tell_flat_from_textured() -> None:
    torch.manual_seed(0)
    network = PatchDiscriminator()
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(40):
        textured, flat = torch.rand(4, 3, 32, 32), torch.rand(4, 3, 1, 1).expand(-1, -1, 32, 32)
        loss = torch.relu(1 - network(textured)).mean() + torch.relu(1 + network(flat)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert network(torch.rand(4, 3, 32, 32)).mean() > network(torch.full((4, 3, 32, 32), 0.5)).mean() + 0.5


def test_patches_are_cut_where_they_are_asked_for() -> None:
    pictures = torch.rand(2, 3, 40, 50)
    patches = component_patches(pictures, torch.tensor([[20.5, 15.5], [9.5, 30.5]]), 8)
    torch.testing.assert_close(patches[0], pictures[0, :, 12:20, 17:25], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(patches[1], pictures[1, :, 27:35, 6:14], atol=1e-5, rtol=1e-5)


def test_beyond_the_picture_its_edge_is_repeated() -> None:
    pictures = torch.rand(1, 3, 16, 16)
    patch = component_patches(pictures, torch.tensor([[0.0, 7.5]]), 8)
    torch.testing.assert_close(patch[..., 0], patch[..., 1])
