"""Random terms, policies, asks and releases: what the laws are tried on."""

from __future__ import annotations

from hypothesis import strategies as st

from licet.terms import AllOf, AnyOf, Ask, Clause, Fact, Policy, Says, Terms

ACTIONS, COMPONENTS, CLAIMS = ("act", "other"), ("weights", "code"), ("p", "q")
TOLD = ("commercial", "modified", "academic")
METERS = ("used:a", "used:b")


Clauses = st.SearchStrategy[Clause]


def some(names: tuple[str, ...]) -> st.SearchStrategy[frozenset[str] | None]:
    """No narrowing, or to a few names."""
    return st.none() | st.frozensets(st.sampled_from(names), min_size=1)


told = st.builds(Fact, st.sampled_from(TOLD), st.sampled_from(("is", "is not")), st.booleans())
sized = st.builds(Fact, st.just("employees"), st.sampled_from(("<=", ">")), st.integers(0, 4))
placed = st.builds(
    Fact, st.just("country"), st.sampled_from(("in", "not in")), st.frozensets(st.sampled_from(("DE", "FR", "US")))
)
clock = st.builds(Fact, st.just("now_s"), st.sampled_from(("<=", ">")), st.integers(0, 5))
under = st.builds(Fact, st.sampled_from(METERS), st.just("<="), st.integers(0, 3))
over = st.builds(Fact, st.sampled_from(METERS), st.just(">"), st.integers(0, 3))
plain = told | sized | placed
cites = st.sampled_from("abcdef")


def whens(facts: st.SearchStrategy[Fact], most: int = 2) -> st.SearchStrategy[tuple[Fact, ...]]:
    return st.lists(facts, max_size=most).map(tuple)


def clauses(
    says: Says, facts: st.SearchStrategy[Fact], actions: tuple[str, ...] = ACTIONS
) -> st.SearchStrategy[Clause]:
    duty = cites.map("do {}".format) if says is Says.MUST else st.just("")
    return st.builds(
        Clause, st.just(says), some(actions), some(COMPONENTS), some(CLAIMS), whens(facts), duty, st.just(""), cites
    )


any_clause = (
    clauses(Says.CAN, plain) | clauses(Says.CAN, plain) | clauses(Says.CANNOT, plain) | clauses(Says.MUST, plain)
)
terms = st.builds(Terms, st.sampled_from(("t", "u")), st.lists(any_clause, max_size=5).map(tuple))


def trees(leaves: st.SearchStrategy[Policy], most: int = 5) -> st.SearchStrategy[Policy]:
    def joined(parts: st.SearchStrategy[Policy]) -> st.SearchStrategy[Policy]:
        few = st.lists(parts, min_size=1, max_size=3).map(tuple)
        return st.builds(AllOf, few) | st.builds(AnyOf, few)

    return st.recursive(leaves, joined, max_leaves=most)


policies = trees(terms)
facts = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.booleans() for name in TOLD},
        "employees": st.integers(0, 5),
        "country": st.sampled_from(("DE", "FR", "US")),
    },
)
asks = st.builds(
    Ask, st.sampled_from(ACTIONS), st.sampled_from(COMPONENTS), st.frozensets(st.sampled_from(CLAIMS)), facts
)

# --- what a slot is worked out from: meters as the readers let them be written -------------------------------------

metered_clause = (
    clauses(Says.CAN, told | clock | under | under, ("act",))
    | clauses(Says.CAN, told | under, ("act",))
    | clauses(Says.CAN, told, ("act",))
    | clauses(Says.CANNOT, told | clock, ("act",))
    | clauses(Says.MUST, told | over | clock, ("act",))
)
# Few different duties, so that parts of a tree share some: there a choice by the fewest is hardest to work out.
shared_duty = st.builds(
    lambda when, word: Clause(Says.MUST, frozenset({"act"}), when=when, duty=word, cite=word),
    whens(over, 1),
    st.sampled_from(("pay", "name", "tell")),
)
open_can = st.builds(
    lambda when, cite: Clause(Says.CAN, frozenset({"act"}), when=when, cite=cite), whens(under | clock, 2), cites
)
metered_terms = st.builds(
    Terms, st.just("t"), st.lists(open_can | metered_clause | shared_duty, min_size=1, max_size=5).map(tuple)
)
metered_policies = trees(metered_terms, 6)
counts = st.fixed_dictionaries({meter: st.integers(0, 5) for meter in METERS})
