"""What the ONNX files of published face embedders expect."""

from clearface.errors import UsageError
from clearface.restorers.network_description import NetworkDescription
from clearface.suggestions import did_you_mean

PRESETS: tuple[NetworkDescription, ...] = (
    # (x - 127.5) / 127.5, as the library of ArcFace's authors feeds most of theirs (buffalo_l's w600k_r50).
    NetworkDescription("insightface", size=112, low=-1.0, high=1.0),
    # 0 to 255: those that begin with a subtraction and a product of their own, as the older ones, made with MXNet, do.
    NetworkDescription("insightface-mxnet", size=112, low=0.0, high=255.0),
    # -1 to 1 too, the channels as OpenCV has them (Kim, Jain and Liu 2022).
    NetworkDescription("adaface", size=112, low=-1.0, high=1.0, channel_order="bgr"),
    # 0 to 255: the network of OpenCV's FaceRecognizerSF (Zhong et al. 2021) scales for itself.
    NetworkDescription("sface", size=112, low=0.0, high=255.0),
)
"""All take RGB, but for the one named otherwise, in chips of 112 pixels on the template of five points of ArcFace."""


def find_preset(name: str) -> NetworkDescription:
    """The preset of that name. Raises UsageError where there is none."""
    for preset in PRESETS:
        if preset.name == name.lower():
            return preset
    raise UsageError(f'there is no preset "{name}": {did_you_mean(name, [preset.name for preset in PRESETS])}')
