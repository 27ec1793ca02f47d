"""`python -m s2s_lib.widgets [FILE]`: write the gallery, one page that works without kernel and network."""

import argparse
from pathlib import Path

from ..atomic import replacing
from .gallery import gallery


def main(arguments: list[str] | None = None) -> None:
    """Write the page to a file."""
    parser = argparse.ArgumentParser(prog="python -m s2s_lib.widgets", description=__doc__.split(": ", 1)[1])
    parser.add_argument("file", nargs="?", default="docs/gallery.html", type=Path, help="default: %(default)s")
    target = parser.parse_args(arguments).file
    text = gallery()
    with replacing(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(f"{target}: {len(text) / 1e3:.0f} kB. Open it in a browser.")


if __name__ == "__main__":
    main()
