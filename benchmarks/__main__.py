"""Run the benchmarks: `python -m benchmarks [--quick] [--only training|decoding|memory|import] [--out DIR]`."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import s2s_lib  # before torch: it sets how OpenMP's threads wait  # isort: skip
import torch

from . import chart, decoding, imports, memory, report, training

PARTS = ("training", "decoding", "memory", "import")


def corpus() -> tuple[s2s_lib.ParallelCorpus, str]:
    """Return Multi30k, or the French grammar's corpus where there is no copy and no network, and its name."""
    try:
        return s2s_lib.corpora.multi30k(), "Multi30k, French to English"
    except OSError as error:
        return s2s_lib.corpora.french(), f"the French grammar, since Multi30k is not to be had ({error})"


def reports(parts: list[str], quick: bool) -> Iterator[report.Report]:
    """Run the chosen benchmarks; quick ones only at the small size."""
    sizes = [training.SMALL] if quick else [training.LECTURE, training.SMALL]
    if "training" in parts:
        pairs, source = corpus()
        yield from (training.run(size, pairs, source, quick) for size in sizes)
    if "decoding" in parts:
        yield from (decoding.run(size, quick) for size in sizes)
    if "memory" in parts:
        yield memory.run(quick)
    if "import" in parts:
        yield imports.run(quick)


def main() -> None:
    """Print the tables as they come; write the figures and the chart."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Ratios within one run, medians.")
    parser.add_argument("--quick", action="store_true", help="small sizes and few repeats, to see that all works")
    parser.add_argument("--only", choices=PARTS, help="run one part")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results", help="folder of the results")
    args = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for each in reports([args.only] if args.only else list(PARTS), args.quick):
        print(report.markdown(each), end="\n\n", flush=True)
        found.append(each)
    written = [report.save(found, args.out)]
    trained = [each for each in found if each.title.startswith("Training")]
    if trained:
        written.append(chart.save(trained, args.out))
    print("Written:", *written)


if __name__ == "__main__":
    main()
