"""Rules and cases as plain JSON values and back, by the types their dataclasses declare."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from .months import Month, MonthDay


def to_plain(value: Any) -> Any:
    """``value`` in dicts, lists, strings, integers, booleans and None; days, months and enums as strings."""
    if isinstance(value, Month | MonthDay | date | Enum):
        return str(value)
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    return value


def from_plain(kind: Any, plain: Any) -> Any:
    """The value of type ``kind`` that ``to_plain`` wrote.

    Nothing is coerced: a string is no number and ``true`` no integer. A field may be absent where its
    dataclass has a default. Raises ValueError saying what was expected.
    """
    if get_origin(kind) is tuple:
        return tuple(from_plain(get_args(kind)[0], item) for item in _checked(list, plain))
    if options := get_args(kind):  # X | None
        return None if plain is None else from_plain(options[0], plain)
    if kind in (Month, MonthDay):
        return kind.parse(_checked(str, plain))
    if kind is date:
        return date.fromisoformat(_checked(str, plain))
    if is_dataclass(kind):
        return _dataclass_from(kind, _checked(dict, plain))
    if issubclass(kind, Enum):
        return kind(plain)
    return _checked(kind, plain)


def _checked(kind: type, plain: Any) -> Any:
    if type(plain) is not kind:
        raise ValueError(f"expected {kind.__name__}, found {plain!r}")
    return plain


def _dataclass_from(kind: type, plain: dict[str, Any]) -> Any:
    types, needed = _declared(kind)
    if wrong := (needed - plain.keys()) | (plain.keys() - types.keys()):
        raise ValueError(f"{kind.__name__} lacks or does not know: {', '.join(sorted(wrong))}")
    return kind(**{name: from_plain(types[name], value) for name, value in plain.items()})


@cache  # a sweep reads a standing for everyone in the city
def _declared(kind: type) -> tuple[dict[str, Any], frozenset[str]]:
    """The type of each field of a dataclass, and the fields without a default."""
    needed = frozenset(field.name for field in fields(kind) if field.default is MISSING)
    return get_type_hints(kind), needed
