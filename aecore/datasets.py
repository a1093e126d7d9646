"""The data: `load(name)` gives a `Dataset` with a training, a validation and a test split.

`digits` and `points3d` need no network. `mnist` and `fashion_mnist` are looked for in a folder (`AUTOENCODER_LAB_DATA`, or the
flag `--data-dir`), then in the cache, and are only fetched when `download()` is called. Any `NAME.npy` of 28x28 images in that folder
is the data set `NAME`; beyond 100,000 images it stays on the disk and is streamed.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import threading
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np

from aecore.errors import LabError
from aecore.pca import PCA

Array = np.ndarray
Progress = Callable[[int, int], None]  # bytes so far, bytes in all
WATCHED_ROWS = 1_500  # all 5,000 of MNIST's validation images would take 8 % of a variational epoch
RESIDENT_ROWS = 100_000  # images that are kept in memory; a data set of more is read from the disk as it is trained on


@dataclass(frozen=True)
class Split:
    """x [n, n_inputs], images as uint8 0..255 (a quarter of the memory) or points as float32; labels [n]."""

    x: Array
    labels: Array

    def __len__(self) -> int:
        return len(self.labels)

    def floats(self, n: int | None = None) -> Array:
        """The first n inputs (all by default) as the network sees them: float32, pixels in [0, 1]."""
        x = self.x[:n]
        return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x

    def take(self, rows: slice | Array) -> Split:
        """These rows alone."""
        return Split(self.x[rows], self.labels[rows])


@dataclass(frozen=True)
class Dataset:
    """Three splits that share no original, and what is known about them."""

    name: str
    title: str
    train: Split
    valid: Split
    test: Split
    image_shape: tuple[int, int] | None  # None: the inputs are points, not images
    class_names: tuple[str, ...]

    @property
    def n_inputs(self) -> int:
        return self.train.x.shape[1]

    @cached_property
    def mean(self) -> Array:
        """The mean of the training inputs (of the first 100,000, if there are more) as the network sees them, float32 [n_inputs]."""
        x = self.train.x[:RESIDENT_ROWS]
        return (x.mean(axis=0, dtype=np.float64) / (255 if x.dtype == np.uint8 else 1)).astype(np.float32)

    @cached_property
    def pca(self) -> PCA:
        """Fitted to the training split (to its first 100,000 inputs, if it is larger), once."""
        return PCA.fit(self.train.x[:RESIDENT_ROWS], 255 if self.image_shape else 1)

    @property
    def watched(self) -> Split:
        """The validation inputs on which a training's curve is measured, and whatever is drawn beside it: the first 1,500."""
        return self.valid.take(slice(WATCHED_ROWS))

    def fixed_handful(self) -> Array:
        """Row numbers of the test inputs shown while training: all points; of images one for each class, or ten if there are no classes."""
        if not self.image_shape:
            return np.arange(len(self.test))
        if len(self.class_names) == 1:
            return np.arange(min(10, len(self.test)))
        return np.array([int(np.flatnonzero(self.test.labels == label)[0]) for label in range(len(self.class_names))])


@dataclass(frozen=True)
class Source:
    """Where a data set comes from: how it is built, and the files it needs, if any."""

    title: str
    about: str
    build: Callable[[Path | None], Dataset]
    files: tuple[IdxFile, ...] = ()
    url: str = ""
    points: bool = False  # the inputs are points in space, not images
    curves: str = ""  # why the validation curves lie where one would not expect them


@dataclass(frozen=True)
class IdxFile:
    """One file of the MNIST family (http://yann.lecun.com/exdb/mnist): magic number, sizes, bytes."""

    name: str
    size: int  # bytes, uncompressed
    download_size: int  # bytes of the .gz
    sha256: str = ""  # of the uncompressed bytes
    gzip_sha256: str = ""  # of the .gz, if only this is published


def load(name: str, data_dir: Path | str | None = None) -> Dataset:
    """The data set `name`; `LabError` if it is unknown, not there yet, or damaged. Kept in memory for the next call."""
    with _loading:
        return _load(name, _data_folders(Path(data_dir) if data_dir else None)[0])


_loading = threading.Lock()  # or two visitors would build the same data set twice


@lru_cache(maxsize=4)
def _load(name: str, data_dir: Path) -> Dataset:
    return source_of(name, data_dir).build(data_dir)


def sources(data_dir: Path | str | None = None) -> dict[str, Source]:
    """Every data set by name: the lab's, then the user's own."""
    return SOURCES | {
        path.stem: Source(path.stem, f"Your own images, from {path.name}.", partial(_own_images, path))
        for folder in _data_folders(Path(data_dir) if data_dir else None)
        for path in sorted(folder.glob("*.npy"))
        if re.fullmatch(r"[\w-]{1,40}", path.stem) and path.stem not in SOURCES
    }


def source_of(name: str, data_dir: Path | str | None = None) -> Source:
    if name in SOURCES:  # without a look into the folders: pages ask at every turn
        return SOURCES[name]
    known = sources(data_dir)
    if name not in known:
        raise LabError(
            f"'{name}' is not a data set; expected one of {', '.join(known)}, or the name of a .npy file in the data folder.",
            f"There are no images called “{name}” here (any more); expected {', '.join(source.title for source in known.values())}, or images of your own.",
        )
    return known[name]


def available(name: str, data_dir: Path | str | None = None) -> bool:
    """Whether `load` would find every file of `name` without the network."""
    return all(_find(name, file, Path(data_dir) if data_dir else None) for file in source_of(name, data_dir).files)


def home() -> Path:
    """The folder for runs and downloads: `AUTOENCODER_LAB_HOME`, or `.autoencoder-lab` in the user's own."""
    return Path(os.environ.get("AUTOENCODER_LAB_HOME") or Path.home() / ".autoencoder-lab")


# ------------------------------------------------------------------------------------------------ the MNIST family


def _data_folders(data_dir: Path | None) -> list[Path]:
    """Where data lies: the folder that was named, if any, and the cache."""
    named = data_dir or (Path(os.environ["AUTOENCODER_LAB_DATA"]) if os.environ.get("AUTOENCODER_LAB_DATA") else None)
    return [*([named] if named else []), home() / "data"]


def _folders(name: str, data_dir: Path | None) -> Iterator[Path]:
    """Where the files of `name` may lie: in a subfolder `name`; for MNIST the folder that was named will do itself."""
    *named, cache = _data_folders(data_dir)
    for folder in named:
        yield folder / name
        if name == "mnist":  # Fashion-MNIST's files bear the same names, so only its own folder will do
            yield folder
    yield cache / name


def _find(name: str, file: IdxFile, data_dir: Path | None) -> Path | None:
    for folder in _folders(name, data_dir):
        for path in (folder / f"{file.name}.gz", folder / file.name):
            if path.is_file():
                return path
    return None


def download(name: str, progress: Progress = lambda done, total: None) -> None:
    """Fetch the files of `name` into the cache. Each is checked before it gets its name, so nothing half-written is left."""
    source = source_of(name)
    folder = home() / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    done, total = 0, sum(file.download_size for file in source.files)
    for file in source.files:
        part = folder / f".{file.name}.{os.getpid()}.part"
        try:
            with urllib.request.urlopen(f"{source.url}{file.name}.gz", timeout=20) as answer, part.open("wb") as out:
                while block := answer.read(1 << 16):
                    out.write(block)
                    done += len(block)
                    if done > 2 * total:
                        raise LabError(f"The server sent more than {title_of(name)} holds; try again later, or take the digits.")
                    progress(min(done, total), total)
            _read_checked(part, file)
            part.replace(folder / f"{file.name}.gz")
        except OSError as error:
            raise LabError(
                f"{source.title} could not be fetched ({_in_words(error)}); expected a connection to its server. "
                f"Name a folder that has its files in AUTOENCODER_LAB_DATA, or take the digits, which need no network.",
                f"{source.title} could not be fetched ({_in_words(error)}); expected a connection to its server. "
                f"Press Fetch {source.title} again, or choose Digits, which need no network.",
            ) from error
        finally:
            part.unlink(missing_ok=True)
    _load.cache_clear()


def _in_words(error: Exception) -> str:
    """What the system says went wrong, without its number."""
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason)


def title_of(name: str) -> str:
    """What a data set is called; the user's own by the name of its file, also when that is gone."""
    return SOURCES[name].title if name in SOURCES else name


def _read_checked(path: Path, file: IdxFile) -> bytes:
    """The uncompressed bytes of `path`, their size and checksum verified; reads no more than they may hold."""
    try:
        packed = path.read_bytes()
        gzipped = packed[:2] == b"\x1f\x8b"
        raw = _gunzip(packed, file.size + 1) if gzipped else packed
    except (OSError, EOFError, zlib.error) as error:
        raise LabError(
            f"The file '{path.name}' cannot be read ({_in_words(error) or 'it is cut off'}); expected {file.size:,} bytes packed with gzip. "
            "Delete it and fetch it again, or take the digits."
        ) from error
    if len(raw) != file.size:
        raise LabError(
            f"The file '{path.name}' holds {'more than ' if len(raw) > file.size else ''}{min(len(raw), file.size):,} bytes; "
            f"expected {file.size:,}. Delete it and fetch it again, or take the digits."
        )
    wrong_raw = file.sha256 and hashlib.sha256(raw).hexdigest() != file.sha256
    wrong_packed = file.gzip_sha256 and gzipped and hashlib.sha256(packed).hexdigest() != file.gzip_sha256
    if wrong_raw or wrong_packed:
        raise LabError(
            f"The file '{path.name}' is not the official one (its checksum differs). Delete it and fetch it again, or take the digits."
        )
    return raw


def _gunzip(packed: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    raw = inflater.decompress(packed, limit)
    if not inflater.eof and len(raw) < limit:
        raise EOFError("it is cut off")
    return raw


def _idx(name: str, file: IdxFile, data_dir: Path | None) -> Array:
    path = _find(name, file, data_dir)
    if path is None:
        raise LabError(
            f"{title_of(name)} is not on this machine: '{file.name}.gz' was looked for in {' and '.join(_shown(f) for f in _folders(name, data_dir))}. "
            f"Fetch it on the Lab page or with 'python -m aecore fetch {name}', name a folder that has it in AUTOENCODER_LAB_DATA, or take the digits.",
            f"{title_of(name)} is not on this machine. Choose it under Data in the Lab and press Fetch {title_of(name)}, or choose Digits, which need no network.",
        )
    raw = _read_checked(path, file)
    images = raw[3] == 3  # the IDX magic number: 0x00000803 for images, 0x00000801 for labels
    pixels = np.frombuffer(raw, np.uint8, offset=16 if images else 8)
    return pixels.reshape(-1, 784) if images else pixels


def _shown(folder: Path) -> str:
    home_folder = str(Path.home())
    return str(folder).replace(home_folder, "~", 1) if str(folder).startswith(home_folder) else str(folder)


def _mnist_family(name: str, title: str, class_names: tuple[str, ...]) -> Callable[[Path | None], Dataset]:
    def build(data_dir: Path | None) -> Dataset:
        images, labels, test_images, test_labels = (_idx(name, file, data_dir) for file in SOURCES[name].files)
        return Dataset(
            name, title, Split(images[:55_000], labels[:55_000]), Split(images[55_000:], labels[55_000:]),
            Split(test_images, test_labels), (28, 28), class_names,
        )  # fmt: skip

    return build


# ---------------------------------------------------------------------------------------------------- embedded data

_DIGIT_FOLDS = (1297, 250, 250)  # originals for training, validation and test
_DIGIT_COPIES = 9  # shifted, turned and scaled copies of each training original, beside itself


def _digits(data_dir: Path | None) -> Dataset:
    """1,797 handwritten 8x8 digits (UCI, as scikit-learn ships them), enlarged to look like MNIST.

    The folds are cut before any copy is made, so no original is in two of them.
    """
    with gzip.open(Path(__file__).parent / "data" / "digits.bin.gz") as file:
        raw = np.frombuffer(file.read(), np.uint8)
    small, labels = raw[: 1797 * 64].reshape(-1, 8, 8), raw[1797 * 64 :]
    order = np.random.default_rng(1998).permutation(len(small))
    folds = zip(*(np.split(part[order], np.cumsum(_DIGIT_FOLDS)[:2]) for part in (small, labels)), strict=True)
    (train, train_labels), *held_out = folds
    valid, test = (Split(_as_bytes(_enlarge(x)), fold_labels) for x, fold_labels in held_out)
    return Dataset("digits", "Digits", _Copies(train, train_labels), valid, test, (28, 28), tuple("0123456789"))


class _Copies(Split):
    """Enlarged digits, then shifted and turned copies of them; made when they are first asked for, which the first page is not."""

    def __init__(self, small: Array, labels: Array):
        object.__setattr__(self, "small", small)
        object.__setattr__(self, "labels", np.tile(labels, _DIGIT_COPIES + 1))

    @cached_property
    def x(self) -> Array:
        large, rng = _enlarge(self.small), np.random.default_rng(1999)  # type: ignore[attr-defined]
        return np.concatenate([_as_bytes(large), *(_as_bytes(_jitter(large, rng)) for _ in range(_DIGIT_COPIES))])


def _enlarge(small: Array) -> Array:
    """[n, 8, 8] levels 0..16 -> [n, 28, 28] in 0..1: bicubic to 160x160, a logistic of slope 12 about 1/2, the mean to 22x22, centred."""
    up = _bicubic(8, 160)  # [160, 8]
    fine = np.arange(22 * 160)  # a grid on which both the 160 pixels and the 22 end exactly
    down = np.zeros((22, 160), np.float32)
    np.add.at(down, (fine // 160, fine // 22), 1 / 160)  # box filter
    large = np.zeros((len(small), 28, 28), np.float32)
    for block in _blocks(len(small)):
        wide = up @ (small[block].astype(np.float32) / 16) @ up.T
        inked = 1 / (1 + np.exp(-12 * (wide - 0.5)))
        large[block, 3:25, 3:25] = down @ inked @ down.T
    return large


def _blocks(n: int) -> Iterator[slice]:
    """n rows as slices of 25 images: their intermediate results stay in the cache, and the process does not stay 40 MB larger for them."""
    return (slice(start, start + 25) for start in range(0, n, 25))


def _bicubic(n_in: int, n_out: int) -> Array:
    """The matrix [n_out, n_in] of Keys's cubic convolution (1981, a = -1/2); edges repeated."""
    matrix = np.zeros((n_out, n_in), np.float32)
    for row in range(n_out):
        centre = (row + 0.5) * n_in / n_out - 0.5
        for tap in range(int(np.floor(centre)) - 1, int(np.floor(centre)) + 3):
            t = abs(centre - tap)
            weight = 1.5 * t**3 - 2.5 * t**2 + 1 if t <= 1 else -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2 if t < 2 else 0.0
            matrix[row, min(max(tap, 0), n_in - 1)] += weight
    return matrix


def _jitter(images: Array, rng: np.random.Generator) -> Array:
    """Each of [n, 28, 28] shifted by up to 2 pixels, turned by up to 12 degrees, scaled by up to 10 %: one bilinear lookup."""
    n = len(images)
    angle, scale = np.radians(rng.uniform(-12, 12, n)), rng.uniform(0.9, 1.1, n)
    shift = rng.uniform(-2, 2, (2, n))
    row, column = np.mgrid[0:28, 0:28].reshape(2, 1, -1) - 13.5
    cos, sin = (np.cos(angle) / scale)[:, None], (np.sin(angle) / scale)[:, None]
    moved = np.empty_like(images)
    for block in _blocks(n):
        rows = np.clip(cos[block] * row - sin[block] * column + 13.5 + shift[0, block, None], 0, 26.999)
        columns = np.clip(sin[block] * row + cos[block] * column + 13.5 + shift[1, block, None], 0, 26.999)
        moved[block] = _between(images[block], rows, columns)
    return moved


def _between(images: Array, rows: Array, columns: Array) -> Array:
    """The images [n, 28, 28] at rows and columns [n, 784] that fall between their pixels."""
    which = np.arange(len(images))[:, None]
    top, left = rows.astype(int), columns.astype(int)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    mixed = (images[which, top, left] * (1 - right) + images[which, top, left + 1] * right) * (1 - down) + (
        images[which, top + 1, left] * (1 - right) + images[which, top + 1, left + 1] * right
    ) * down
    return mixed.reshape(images.shape)


def _as_bytes(images: Array) -> Array:
    return np.round(np.clip(images, 0, 1) * 255).astype(np.uint8).reshape(len(images), -1)


def _own_images(path: Path, data_dir: Path | None) -> Dataset:
    """A .npy file of bytes, [n, 28, 28] or [n, 784]; its last tenth, at most 10,000 images, is for validation and test, half and half."""
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise LabError(f"{path.name} cannot be read as a NumPy array; expected one written by numpy.save, of bytes.") from error
    n = len(images) if images.ndim else 0
    if images.dtype != np.uint8 or images.shape[1:] not in ((28, 28), (784,)) or n < 100:
        shape = " x ".join(map(str, images.shape)) or "a single number"
        raise LabError(
            f"{path.name} holds {images.dtype} {shape}; expected at least 100 images of 28 x 28 as uint8. Save them with "
            "numpy.save(path, images.astype('uint8'))."
        )
    images = images.reshape(n, 784)
    if n <= RESIDENT_ROWS:
        images = np.asarray(images).copy()
    held_out = min(n // 10, 10_000) // 2
    cuts = [n - 2 * held_out, n - held_out]
    train, valid, test = (Split(part, np.zeros(len(part), np.uint8)) for part in np.split(images, cuts))
    return Dataset(path.stem, path.stem, train, valid, test, (28, 28), ("image",))


def _points3d(data_dir: Path | None) -> Dataset:
    """Points near a plane in space, the course's 3-D example: an arc of an ellipse, tilted, with noise of 0.1; training mean at 0."""
    rng = np.random.default_rng(4)
    n = 250
    angle = rng.random(n) * 3 * np.pi / 2 - 0.5
    across = np.cos(angle) + np.sin(angle) / 2 + 0.1 * rng.standard_normal(n) / 2
    along = np.sin(angle) * 0.7 + 0.1 * rng.standard_normal(n) / 2
    x = np.stack([across, along, 0.1 * across + 0.3 * along + 0.1 * rng.standard_normal(n)], axis=1).astype(np.float32)
    x -= x[:100].mean(axis=0)
    labels = np.zeros(n, np.uint8)
    return Dataset(
        "points3d",
        "3-D points",
        Split(x[:100], labels[:100]),
        Split(x[100:150], labels[100:150]),
        Split(x[150:], labels[150:]),
        None,
        ("point",),
    )


_MNIST_FILES = (
    IdxFile("train-images-idx3-ubyte", 47_040_016, 9_912_422, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    IdxFile("train-labels-idx1-ubyte", 60_008, 28_881, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    IdxFile("t10k-images-idx3-ubyte", 7_840_016, 1_648_877, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    IdxFile("t10k-labels-idx1-ubyte", 10_008, 4_542, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
)
_FASHION_FILES = (
    IdxFile(
        "train-images-idx3-ubyte", 47_040_016, 26_421_880, gzip_sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"
    ),
    IdxFile("train-labels-idx1-ubyte", 60_008, 29_515, gzip_sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
    IdxFile("t10k-images-idx3-ubyte", 7_840_016, 4_422_102, gzip_sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
    IdxFile("t10k-labels-idx1-ubyte", 10_008, 5_148, gzip_sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
)
_CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")

SOURCES: dict[str, Source] = {
    "digits": Source("Digits", "1,797 handwritten digits (UCI); those for training come with shifted and turned copies, those for validation and test as they are. Needs no download.", _digits,
                     curves="These digits' training images are shifted and turned, the validation images are not: the dashed error may lie below the solid one."),
    "mnist": Source("MNIST", "70,000 handwritten digits (LeCun, Cortes, Burges); an 11 MB download.",
                    _mnist_family("mnist", "MNIST", tuple("0123456789")), _MNIST_FILES, "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    "fashion_mnist": Source("Fashion-MNIST", "70,000 pictures of clothes (Zalando); a 31 MB download.",
                            _mnist_family("fashion_mnist", "Fashion-MNIST", _CLOTHES), _FASHION_FILES,
                            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
    "points3d": Source("3-D points", "250 points near a plane in space, for the linear autoencoder.", _points3d, points=True),
}  # fmt: skip
