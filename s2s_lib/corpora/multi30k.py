"""Multi30k: captions of photographs in English, German and French, from a folder or fetched once."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .files import FilePath, Lines, read_parallel, tokenize_pairs
from .parallel import ParallelCorpus
from .tokenizers import Tokenizers, Words

if TYPE_CHECKING:
    import pooch  # otherwise imported where it is used: most readers of this package download nothing

PARTS = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
URL = "https://raw.githubusercontent.com/multi30k/dataset/a3d2e0d26b56f3846f66a952536ffed4e401d05a/"
SHA256 = {
    "train.de": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    "train.en": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    "train.fr": "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
    "val.de": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    "val.en": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    "val.fr": "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
    "test_2016_flickr.de": "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    "test_2016_flickr.en": "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    "test_2016_flickr.fr": "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90",
}


def multi30k_lines(
    part: str,
    root: FilePath | None = None,
    src: str = "fr",
    trg: str = "en",
    store: "pooch.Pooch | None" = None,
) -> Lines:
    """Read the raw (source, target) lines of Multi30k's "train", "valid" or "test" part (2016 Flickr).

    `root` is a copy of the public repository multi30k/dataset; without it the environment variable
    S2S_MULTI30K names one; without either, or where a `store` is given, the files are downloaded once, by
    default into the user's cache folder. Languages: "de", "en", "fr" (Elliott et al. 2016; French: 2017).
    Raises ValueError for an unknown part or language and for a download with the wrong SHA-256, OSError where
    there is no file and no network; of a failed download nothing is kept.
    """
    if part not in PARTS:
        raise ValueError(f"Multi30k has the parts {', '.join(PARTS)}, not {part!r}")
    src_file = _file(part, src, root, store)
    trg_file = _file(part, trg, root, store)
    return read_parallel(src_file, trg_file)


def multi30k(
    root: FilePath | None = None,
    src: str = "fr",
    trg: str = "en",
    store: "pooch.Pooch | None" = None,
) -> ParallelCorpus:
    """Make a corpus of Multi30k's published parts: 29,000, 1,014 and 1,000 pairs, whole and in their order.

    Arguments and errors are those of `multi30k_lines`. A few captions of "valid" stand in "train" too.
    """
    tokenizers = Tokenizers(Words(src), Words(trg))
    parts = []
    for part in PARTS:
        lines = multi30k_lines(part, root, src, trg, store)
        parts.append(tokenize_pairs(lines, tokenizers))
    return ParallelCorpus(*parts, tokenizers)


def _file(part: str, language: str, root: FilePath | None, store: "pooch.Pooch | None") -> Path:
    name = f"data/task1/raw/{PARTS[part]}.{language}.gz"
    if root is None and store is None:
        root = os.environ.get("S2S_MULTI30K") or None
    if root is None:
        return _download(name, store or _store())
    path = Path(root).expanduser() / name
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; root must be a copy of multi30k/dataset")
    return path


def _store() -> "pooch.Pooch":
    import pooch

    registry = {f"data/task1/raw/{name}.gz": f"sha256:{digest}" for name, digest in SHA256.items()}
    return pooch.create(pooch.os_cache("s2s_lib") / "multi30k", URL, registry=registry)


def _download(name: str, store: "pooch.Pooch") -> Path:
    if name not in store.registry:
        raise ValueError(f"Multi30k: no checksum is known for {name}; the languages are de, en and fr")
    advice = "copy the repository multi30k/dataset and name its folder by root= or S2S_MULTI30K"
    try:
        return Path(store.fetch(name))
    except ValueError as error:
        raise ValueError(f"Multi30k: {store.get_url(name)}: {error}. Try again, or {advice}") from error
    except OSError as error:
        missing = f"not in the cache {store.abspath}, and can't be fetched ({type(error).__name__})"
        raise OSError(f"Multi30k: {store.get_url(name)}: {missing}. Go online once, or {advice}") from error
