"""Made-up events of every type, drawn from what their structs allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import Raw, inspect

from conversation import events as ev

Strategy = st.SearchStrategy[Any]
EXAMPLES = 5
"""Of each type."""
texts = st.text(max_size=12)
anything: Strategy = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
Leaf = Callable[[Strategy], Strategy]
"""What becomes of a strategy for a text or for any JSON."""


PLAIN: dict[type[inspect.Type], Strategy] = {
    inspect.IntType: st.integers(0, 2**53),
    inspect.FloatType: st.floats(0, 1),
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
}


def values(type_: inspect.Type, leaf: Leaf) -> Strategy:
    """Whatever a field of this type may hold."""
    match type_:
        case inspect.StrType():
            return leaf(texts)
        case inspect.AnyType():
            return leaf(anything)
        case inspect.RawType():
            return leaf(anything).map(lambda value: Raw(msgspec.json.encode(value)))
        case inspect.LiteralType():
            return st.sampled_from(type_.values)
        case inspect.UnionType():
            return st.one_of(*(values(one, leaf) for one in type_.types))
        case inspect.ListType():
            return st.lists(values(type_.item_type, leaf), max_size=2)
        case inspect.DictType():
            keys = values(type_.key_type, leaf)
            return st.dictionaries(keys, values(type_.value_type, leaf), max_size=2)
        case inspect.StructType():
            return struct(type_.cls, lambda _: leaf)
    return PLAIN[type(type_)]


def struct(cls: type, leaf_of: Callable[[str], Leaf]) -> Strategy:
    """A struct with every optional field there or not; `leaf_of` takes a field's wire name."""
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    drawn = {field.name: values(field.type, leaf_of(field.encode_name)) for field in info.fields}
    required = {field.name: drawn[field.name] for field in info.fields if field.required}
    optional = {field.name: drawn[field.name] for field in info.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional).map(lambda given: cls(**given))


def plainly(strategy: Strategy) -> Strategy:
    """Leave it as it is."""
    return strategy


def event(data: ev.Data, by: ev.By) -> ev.Event:
    """An event of a log."""
    return ev.Event(
        conversation="c_1",
        seq=7,
        v=ev.VERSION,
        type=ev.NAMES[type(data)],
        at="2026-01-02T03:04:05.678Z",
        by=by,
        epoch=3,
        data=data,
    )
