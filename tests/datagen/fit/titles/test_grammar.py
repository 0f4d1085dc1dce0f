"""Patterns that kinds share: what a kind has besides its own usual ones."""

from __future__ import annotations

from datagen.fit.titles.grammar import _shared_patterns


def test_a_kind_is_not_like_others_by_its_own_titles() -> None:
    """Most titles are of kind A, and no other kind has its patterns: what is rare in it is told of A."""
    mine = ["noun like_a"] * 60 + ["noun like_a like_a"] * 4 + ["noun like_a like_a like_a"] * 4
    shared, others = ["like_b noun"] * 4, ["like_b noun"] * 20 + ["noun"] * 20
    patterns = [*mine, *shared, *others]
    contexts = {"level 1": ["all"] * 112, "kind": ["A"] * 72 + ["B"] * 40}
    drawn = _shared_patterns(patterns, contexts, list(range(112)), 5)
    (context,) = drawn["contexts"]
    assert set(context["tables"]["A"]["weights"]) == {"noun like_a", "noun like_a like_a"}
    # Of the four that stand as B's do, too few are known for A: they are left to what all kinds have.
    assert context["tables"]["A"]["share"] == 0.95
