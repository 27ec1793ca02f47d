"""`show_source` names each file as it stands in its package, wherever that is installed."""

import s2s_lib
from s2s_lib.course import show_source


def shown(capsys, *objects):
    show_source(*objects, after="04-dot-score", anyway=True)
    return [line.removeprefix("# ") for line in capsys.readouterr().out.splitlines() if line.startswith("# ")]


def test_files_are_named_from_the_package_on(capsys):
    assert shown(capsys, s2s_lib.DotScore, s2s_lib.greedy) == [
        "s2s_lib/model/attention.py",
        "s2s_lib/translating/decoding.py",
    ]
