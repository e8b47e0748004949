"""A tree written as text is read back as the same tree, whatever its names and texts hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forms_catalog.language import Call, FieldRef, Node, Number, Op, Ref, Text, Truth, parse, to_text

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: not name.isspace() and max(name) < "\ud800")
CODES = NAMES.map(str.strip).filter(bool)
LEAVES = st.one_of(
    st.decimals(0, 10_000, places=2).map(lambda number: Number(str(number))),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(Text),
    st.booleans().map(Truth),
    st.builds(FieldRef, name=NAMES, code=st.one_of(st.just(""), CODES)).map(Ref),
)


def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=2, max_size=4).map(tuple)
    two = st.tuples(inner, inner)
    return st.one_of(
        st.builds(Op, st.sampled_from(["or", "and", "+", "-", "*", "/", "%"]), some),
        st.builds(Op, st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "^"]), two),
        st.builds(Op, st.sampled_from(["not", "neg"]), st.tuples(inner)),
        st.builds(Call, st.sampled_from(["sum", "max", "concat"]), some),
    )


@given(st.recursive(LEAVES, larger, max_leaves=12))
def test_a_written_tree_is_read_back_as_itself(tree: Node) -> None:
    assert parse(to_text(tree)) == tree


def test_redcap_logic_looks_as_people_write_it() -> None:
    text = "[event_1_arm_1][gvhd(2)] = '1' and (datediff([a], [b], 'd') > 30 or not [c] = '')"

    assert to_text(parse(text)) == text


def test_names_of_other_formats_stay_readable() -> None:
    assert to_text(Ref(FieldRef("/71802-3/54114.4"))) == "[/71802-3/54114.4]"
    assert to_text(Ref(FieldRef("a (old)", code="x:y"))) == "[a%20%28old%29(x%3Ay)]"
