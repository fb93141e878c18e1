"""The blocks the networks are made of."""

import pytest
import torch
from torch import nn

from clearface.nets.blocks import BilinearUp, BlockAttention, PixelShuffleUp, ResidualBlock, ResidualDenseBlock


@pytest.mark.parametrize("block", [ResidualBlock(8), ResidualDenseBlock(8, 4, 3)])
def test_a_new_block_changes_nothing(block: nn.Module) -> None:
    features = torch.rand(2, 8, 12, 20)
    torch.testing.assert_close(block(features), features)


def test_a_dense_block_passes_everything_on() -> None:
    torch.manual_seed(0)
    block = ResidualDenseBlock(6, 4, 3)
    nn.init.normal_(block.fuse.weight)
    features = torch.rand(2, 6, 9, 11)
    seen = [features]
    for layer in block.layers:
        seen.append(torch.relu(layer(torch.cat(seen, 1))))
    fused = nn.functional.conv2d(torch.cat(seen, 1), block.fuse.weight, block.fuse.bias)
    torch.testing.assert_close(block(features), features + fused)


def test_attention_weighs_between_nothing_and_all() -> None:
    torch.manual_seed(0)
    features = torch.randn(2, 16, 10, 14)
    weighed = BlockAttention(16)(features)
    assert weighed.shape == features.shape
    assert (weighed.abs() <= features.abs() + 1e-6).all()
    assert (weighed * features >= 0).all()


def test_attention_sees_each_face_alone() -> None:
    torch.manual_seed(0)
    attention = BlockAttention(8)
    features = torch.randn(3, 8, 10, 10)
    torch.testing.assert_close(attention(features)[1:2], attention(features[1:2]))


@pytest.mark.parametrize("up", [PixelShuffleUp(12, 5), BilinearUp(12, 5)])
def test_up_doubles_the_side(up: nn.Module) -> None:
    assert up(torch.rand(2, 12, 6, 10)).shape == (2, 5, 12, 20)
