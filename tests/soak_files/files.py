"""The files of an old system made over: sizes from one law, contents that cannot be packed, some of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

SMALLEST, LARGEST = 1024, 50 * 1024 * 1024
HEAD = 12  # bytes that say of what kind a file is
COPIES = 0.05
"""Share of files that hold what another one holds."""


def make_over(folder: Path, wanted: int, total: int, seed: int) -> tuple[int, int]:
    """Fill up to ``wanted`` files below the folder anew and drop the others; (files, bytes) that there are now."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    random = Random(seed)
    random.shuffle(files)
    for path in files[wanted:]:
        path.unlink()
    kept = files[:wanted]
    sizes = list(draw(random, len(kept), total))
    written: list[Path] = []
    for path, size in zip(kept, sizes, strict=True):
        if written and random.random() < COPIES:
            path.write_bytes(random.choice(written).read_bytes())
        else:
            path.write_bytes(path.read_bytes()[:HEAD] + random.randbytes(size - HEAD))
            written.append(path)
    return len(kept), sum(path.stat().st_size for path in kept)


def draw(random: Random, count: int, total: int) -> Iterator[int]:
    """Sizes between the smallest and the largest whose expected sum is ``total`` bytes.

    The density falls as a power of the size. Power 1 is the log-uniform law, whose mean is 4.8 MB: 20,000 files would
    be 97 GB. A smaller total needs a steeper power over the same range.
    """
    power = _power(total / count)
    for _ in range(count):
        yield round(_quantile(random.random(), power))


def _quantile(share: float, power: float) -> float:
    if abs(power - 1) < 1e-9:
        return float(SMALLEST * (LARGEST / SMALLEST) ** share)
    low, high = SMALLEST ** (1 - power), LARGEST ** (1 - power)
    return float((low + share * (high - low)) ** (1 / (1 - power)))


def _mean(power: float) -> float:
    steps = 20_000
    return sum(_quantile((step + 0.5) / steps, power) for step in range(steps)) / steps


def _power(mean: float) -> float:
    """The power whose mean is this one, or the nearest between 1 and 3."""
    low, high = 1.0, 3.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(middle) > mean else (low, middle)
    return (low + high) / 2
