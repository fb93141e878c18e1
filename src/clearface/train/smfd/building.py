"""The networks of a recipe, by name."""

from collections.abc import Callable

import torch
from torch import nn

from clearface.nets.deblurring_unet import DeblurringUNet
from clearface.nets.kernel_estimator import KernelEstimator
from clearface.nets.mask_generator import MaskGenerator
from clearface.train.smfd.forward import DEBLURRING, ESTIMATOR, READER
from clearface.train.smfd.recipe import NetworksRecipe


def build_networks(recipe: NetworksRecipe, names: tuple[str, ...]) -> nn.ModuleDict:
    """The networks of those names, laid out in memory as convolutions like it best."""
    makers: dict[str, Callable[[], nn.Module]] = {
        READER: lambda: MaskGenerator(recipe.mask_generator),
        ESTIMATOR: lambda: KernelEstimator(recipe.kernel_estimator),
        DEBLURRING: lambda: DeblurringUNet(recipe.deblurring_unet),
    }
    networks = nn.ModuleDict({name: makers[name]() for name in names})
    return networks.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
