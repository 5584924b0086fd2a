"""Where the roots' packages come from: the mirror that the machine's own apt uses."""

import pytest

from debian_roots import archives_in

DEB822 = """\
Types: deb
# a snapshot, once
URIs: http://mirror.example/debian/ http://other.example/debian
Suites: trixie trixie-updates
Components: main

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security

Enabled: no
Types: deb
URIs: http://off.example/debian

Types: deb-src
URIs: http://sources.example/debian
"""


def test_a_deb822_file_names_its_enabled_archives() -> None:
    assert archives_in("debian.sources", DEB822) == [
        "http://mirror.example/debian/",
        "http://other.example/debian",
        "http://mirror.example/debian-security",
    ]


@pytest.mark.parametrize(
    ("line", "archives"),
    [
        ("deb http://mirror.example/debian trixie main", ["http://mirror.example/debian"]),
        (
            "deb [arch=amd64 signed-by=/some/key.gpg] http://mirror.example/debian trixie main",
            ["http://mirror.example/debian"],
        ),
        ("deb-src http://mirror.example/debian trixie main", []),
        ("# deb http://mirror.example/debian trixie main", []),
        ("", []),
    ],
)
def test_a_one_line_file_names_its_archives(line: str, archives: list[str]) -> None:
    assert archives_in("sources.list", line) == archives


def test_a_file_that_apt_doesnt_read_names_none() -> None:
    assert archives_in("debian.sources.disabled", DEB822) == []
