"""Engine values as JSON, for database rows that outlive the process.

Only numbers, words and their order are kept: an embedding is a template of a
person and is stored elsewhere, encrypted. What was written by an older version
reads back as long as fields were only added, each with a default.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

Record = TypeVar("Record")


def to_json(value: Any) -> Any:
    """A frozen value of `faces.types` as dicts, lists, numbers and words that `json.dumps` takes.

    Embeddings are left out. Floats survive the round trip exactly.
    Raises ValueError for numbers JSON lacks (NaN, infinity), TypeError for values that are not records.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if not isinstance(getattr(value, field.name), np.ndarray)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, (float, np.floating)):
        if not math.isfinite(value):
            raise ValueError(f"{value} cannot be kept in a record")
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be kept in a record")


def from_json(kind: type[Record], data: Mapping[str, Any]) -> Record:
    """The value of `kind` (a class of `faces.types`) that `to_json` wrote.

    Raises ValueError when a field without a default is missing or a value is not of its type.
    """
    try:
        return _read(kind, data)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"not a record of {kind.__name__}: {problem}") from problem


@cache
def _fields(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _read(kind: Any, data: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        if data is None:
            return None
        return _read(next(option for option in arguments if option is not NoneType), data)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_read(arguments[0], item) for item in data)
        return tuple(_read(item_kind, item) for item_kind, item in zip(arguments, data, strict=True))
    if origin is dict:
        return {key: _read(arguments[1], item) for key, item in data.items()}
    if dataclasses.is_dataclass(kind):
        fields = _fields(kind)
        return kind(**{name: _read(fields[name], data[name]) for name in fields if name in data})
    if kind is float and isinstance(data, (int, float)) and not isinstance(data, bool):
        return float(data)
    if kind in (bool, int, str) and type(data) is kind:
        return data
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    raise TypeError(f"{data!r} is not of type {kind}")
