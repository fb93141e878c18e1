from clearface.evaluate.report.settings_lines import SettingLine, settings_lines


def test_keys_are_words_and_empty_things_are_left_out() -> None:
    values = {
        "seed": 7,
        "skip_broken": False,
        "kernels": None,
        "checksums": {},
        "detectors": ["centerface", "mtcnn"],
        "methods": [{"name": "smfd", "options": {"model": None}}, {"options": {"point_spread_function": "5x5"}}],
        "gauges": {"embedder": "", "niqe_model": "a_b.json"},
    }
    assert settings_lines(values) == (
        SettingLine("seed", "7"),
        SettingLine("skip broken", "no"),
        SettingLine("detectors", "centerface, mtcnn"),
        SettingLine("methods 1, name", "smfd"),
        SettingLine("methods 2, point spread function", "5x5"),
        SettingLine("gauges, niqe model", "a_b.json"),
    )


def test_checksums_are_shortened_and_kept_whole_beside() -> None:
    whole = "0123456789abcdef" * 4
    (line,) = settings_lines({"weights": {"smfd_reader.onnx": whole}})
    assert line == SettingLine("weights, smfd_reader.onnx", "0123456789ab…", whole)
