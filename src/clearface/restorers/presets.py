"""What the ONNX files of published face restoration networks expect."""

from clearface.errors import UsageError
from clearface.restorers.network_description import NetworkDescription
from clearface.suggestions import did_you_mean

PRESETS: tuple[NetworkDescription, ...] = (
    NetworkDescription("gfpgan-1.4", size=512, low=-1.0, high=1.0, batch=False),
    # 0.5 is the default of CodeFormer's authors (Zhou et al. 2022): 0 invents detail, 1 stays with the input.
    NetworkDescription("codeformer", size=512, low=-1.0, high=1.0, batch=False, weight=0.5),
    NetworkDescription("restoreformer++", size=512, low=-1.0, high=1.0, batch=False),
    NetworkDescription("gpen", size=512, low=-1.0, high=1.0, batch=False),
    NetworkDescription("gpen-256", size=256, low=-1.0, high=1.0, batch=False),
    NetworkDescription("gpen-1024", size=1024, low=-1.0, high=1.0, batch=False),
)
"""All take RGB faces on the FFHQ template; CodeFormer's weight input is recognized whatever its name and type."""


def find_preset(name: str) -> NetworkDescription:
    """The preset of that name. Raises UsageError where there is none."""
    for preset in PRESETS:
        if preset.name == name.lower():
            return preset
    raise UsageError(f'there is no preset "{name}": {did_you_mean(name, [preset.name for preset in PRESETS])}')
