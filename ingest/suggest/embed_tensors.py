"""Arrays of numbers from a `.safetensors` file: a length, a JSON header, and the bytes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_HEADER = 10_000_000  # bytes, as the format has it
_ABOUT = "__metadata__"  # of the file, no tensor
_LENGTH = 8  # bytes before the header that say how long it is
_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


class FileUnreadable(Exception):
    """The file is missing, cut off, or not what its name says."""


def names(path: Path) -> set[str]:
    """Of the tensors, without reading them. Raises FileUnreadable."""
    return _header(path)[0].keys() - {_ABOUT}


def read(path: Path) -> dict[str, NDArray[np.float32]]:
    """By name, each tensor of floats as single precision; others are left out.

    Raises FileUnreadable.
    """
    header, begin = _header(path)
    try:
        raw = np.memmap(path, np.uint8, "r", offset=begin)
        return {
            name: _tensor(raw, said)
            for name, said in header.items()
            if name != _ABOUT and said["dtype"] in _KINDS
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileUnreadable(f"{path} cannot be read: {error}") from error


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """What it says, and where the numbers begin."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_LENGTH), "little")
            if not 2 <= length <= min(MOST_HEADER, size - _LENGTH):
                raise FileUnreadable(f"{path} is not a safetensors file.")
            header = json.loads(file.read(length))
    except (OSError, ValueError, RecursionError) as error:
        raise FileUnreadable(f"{path} cannot be read: {error}") from error
    if not isinstance(header, dict):
        raise FileUnreadable(f"{path} is not a safetensors file.")
    return header, _LENGTH + length


def _tensor(raw: NDArray[np.uint8], said: Mapping[str, Any]) -> NDArray[np.float32]:
    shape = [int(length) for length in said["shape"]]
    begin, end = (int(place) for place in said["data_offsets"])
    kind = np.dtype(_KINDS[said["dtype"]])
    count = 1
    for length in shape:
        count *= length
    if min([0, *shape]) < 0 or not 0 <= begin <= end <= len(raw):
        raise ValueError("a tensor lies outside the file")
    if end - begin != count * kind.itemsize:
        raise ValueError("a tensor is not as long as its shape says")
    values = np.frombuffer(raw[begin:end].tobytes(), kind)
    if said["dtype"] == "BF16":  # the upper half of a single
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return np.ascontiguousarray(values.astype(np.float32, copy=False).reshape(shape))
