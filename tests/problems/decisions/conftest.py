"""Small decisions of every kind, as hypothesis draws them."""

from __future__ import annotations

from hypothesis import strategies as st

from tasklet_bench.problems.decisions import (
    Choice,
    Composition,
    Decision,
    Graph,
    Grouping,
    Partition,
    Permutation,
    Product,
    Tree,
)


@st.composite
def groupings(draw: st.DrawFn) -> Grouping:
    """Groups with bounds that may be wide, tight or zero."""
    bounds = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=4))
    least, most = [low for low, _ in bounds], [low + spread for low, spread in bounds]
    most[0] += not sum(most)
    return Grouping(draw(st.integers(max(1, sum(least)), sum(most))), tuple(least), tuple(most))


partitions = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(Partition)
simple = st.one_of(
    groupings(),
    partitions,
    st.integers(1, 8).map(Permutation),
    st.lists(st.integers(1, 4), min_size=1, max_size=5).map(lambda sizes: Choice(tuple(sizes))),
    st.builds(Graph, st.integers(1, 7), st.integers(1, 4)),
    st.integers(1, 8).map(Tree),
    st.builds(lambda parts, more: Composition(parts + more, parts), st.integers(1, 5), st.integers(0, 6)),
)
decisions: st.SearchStrategy[Decision] = st.one_of(
    simple, st.lists(simple, min_size=1, max_size=3).map(lambda parts: Product(tuple(parts)))
)
