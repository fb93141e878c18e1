import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearface.errors import ModelError, UsageError
from clearface.restorers.network_description import NetworkDescription, read_description
from clearface.restorers.presets import PRESETS, find_preset


@given(
    st.builds(
        NetworkDescription,
        name=st.text(max_size=9),
        size=st.none() | st.integers(1, 2048),
        stride=st.integers(1, 64),
        low=st.floats(-2, 0),
        high=st.floats(0.5, 300),
        channel_order=st.sampled_from(["rgb", "bgr"]),
        layout=st.sampled_from(["nchw", "nhwc"]),
        input_name=st.none() | st.text(max_size=9),
        weight=st.none() | st.floats(0, 1),
        batch=st.booleans(),
    )
)
def test_every_field_is_read(description: NetworkDescription) -> None:
    assert read_description(json.dumps(asdict(description)), "model.json") == description


def test_every_field_may_be_left_out() -> None:
    assert read_description("{}", "model.json") == NetworkDescription()
    assert read_description('{"low": -1}', "model.json").low == -1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("", "not valid JSON"),
        ("[1]", "by a JSON object, not by a list"),
        ('{"chanel_order": "bgr"}', 'did you mean "channel_order"'),
        ('{"colour": "bgr"}', "choose from name, size"),
        ('{"size": "large"}', '"size" cannot be "large"'),
        ('{"size": 512.5}', '"size" cannot be 512.5'),
        ('{"size": true}', '"size" cannot be true'),
        ('{"size": 0}', '"size" is positive'),
        ('{"stride": null}', '"stride" cannot be null'),
        ('{"stride": -16}', '"stride" is positive'),
        ('{"batch": 1}', '"batch" cannot be 1'),
        ('{"low": 1, "high": -1}', '"low" is below "high"'),
        ('{"low": NaN}', '"low" is below "high"'),
        ('{"high": 1e999}', '"low" is below "high"'),
        ('{"channel_order": "gbr"}', '"channel_order" is "rgb" or "bgr"'),
        ('{"layout": "chw"}', '"layout" is "nchw" or "nhwc"'),
        ('{"weight": 2}', '"weight" lies in 0 to 1'),
        (json.dumps({"high": 10**400}), '"high" cannot be'),
    ],
)
def test_mistakes_are_named(text: str, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        read_description(text, "model.json")
    assert str(caught.value).startswith("model.json: ")


def test_presets_are_sound_and_found() -> None:
    for preset in PRESETS:
        assert read_description(json.dumps(asdict(preset)), preset.name) == preset
        assert find_preset(preset.name.upper()) is preset
    assert {"gfpgan-1.4", "codeformer", "restoreformer++", "gpen"} <= {preset.name for preset in PRESETS}


def test_a_mistyped_preset_is_guessed() -> None:
    with pytest.raises(UsageError, match=r'no preset "gfpgan": did you mean "gfpgan-1\.4"'):
        find_preset("gfpgan")
