"""Titles are composed by the grammar, read back by it, and anything else is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.product.profile import Profile
from datagen.product.sampler import Sampler
from datagen.product.titles import SILENT, SLOTS, Titles, parse, slug
from datagen.schemas.keyed import uniforms


@pytest.fixture(scope="module", params=["garden", "burberry"])
def profile(request: pytest.FixtureRequest, garden_profile: Profile, burberry: Profile) -> Profile:
    return garden_profile if request.param == "garden" else burberry


def test_every_composed_title_reads_back_as_the_words_that_were_drawn(profile: Profile) -> None:
    titles = Titles(profile)
    names = list(profile.kinds)
    kind = np.arange(4000, dtype=np.int32) % len(names)
    phrases = titles.draw(np.zeros_like(kind), kind, lambda slot: uniforms(5, slot, 0, len(kind)))
    texts = titles.compose(phrases)
    for at, text in enumerate(texts.to_pylist()):
        said = {
            slot: titles.slots[slot].names[phrases[slot][at]] for slot in SLOTS if phrases[slot][at] != SILENT
        }
        read = parse(text, profile.kinds[names[kind[at]]], profile.words)
        assert read is not None, (names[kind[at]], text)
        # Two readings may exist where a phrase is also two words of other slots; both must be spoken alike.
        if read != {**said, "noun": read["noun"]}:
            other = {slot: profile.words[slot][name] for slot, name in read.items() if slot != "noun"}
            assert all(any(phrase in text for phrase in word.say) for word in other.values()), (text, read)


def test_slugs_by_parts_are_the_slugs_of_whole_titles(profile: Profile) -> None:
    sampler = Sampler(profile, 1)
    phrases = sampler.products(0, 3000).phrases
    slugs = sampler.titles.slugs(phrases)
    assert slugs is not None
    assert slugs.to_pylist() == [slug(title) for title in sampler.titles.compose(phrases).to_pylist()]


def test_slugs_are_not_made_by_parts_where_a_phrase_ends_with_and(garden_profile: Profile) -> None:
    cotton = garden_profile.words["material"]["cotton"].model_copy(update={"say": {"Cotton and": 1.0}})
    words = {**garden_profile.words, "material": {**garden_profile.words["material"], "cotton": cotton}}
    sampler = Sampler(garden_profile.model_copy(update={"words": words}), 1)
    assert sampler.titles.slugs(sampler.products(0, 10).phrases) is None


def test_a_silenced_slot_is_never_said_with_the_word_that_silences_it(profile: Profile) -> None:
    titles = Titles(profile)
    kind = np.arange(20_000, dtype=np.int32) % len(profile.kinds)
    phrases = titles.draw(np.zeros_like(kind), kind, lambda slot: uniforms(9, slot, 0, len(kind)))
    for name, slot in titles.slots.items():
        for other, mask in slot.silences.items():
            assert (phrases[other][mask[phrases[name]]] == SILENT).all()


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Trench",
        "trench coat",
        "Trench Coat ",
        " Trench Coat",
        "Long  Trench Coat",
        "Trench Coat Long",
        "Long Long Trench Coat",
        "Cotton Long Trench Coat",  # out of order
        "Mini Trench Coat",  # a word of another kind
        "Old Orchard Cotton Trench Coat",  # the material must be silent beside the line
        "Old Orchard Check Trench Coat",
        "Belted Trench Coat Coat",
        "Baseball Cap",
        "Long Baseball Cap",
    ],
)
def test_what_the_grammar_cannot_say_is_no_title_of_the_kind(garden_profile: Profile, title: str) -> None:
    assert parse(title, garden_profile.kinds["trench_coat"], garden_profile.words) is None


def test_what_the_grammar_says_is_read_with_its_words(garden_profile: Profile) -> None:
    kind = garden_profile.kinds["trench_coat"]
    read = parse("Long Check Wool Cashmere Belted Rain Coat", kind, garden_profile.words)
    assert read == {
        "size": "long",
        "pattern": "check",
        "material": "wool_cashmere",
        "detail": "belted",
        "noun": "Rain Coat",
    }


def test_a_kind_that_always_has_a_shade_is_not_legal_without_one(garden_profile: Profile) -> None:
    kind = garden_profile.kinds["lipstick"]
    assert parse("Lip Colour – 40 Light Cool", kind, garden_profile.words) is not None
    assert parse("Lip Colour", kind, garden_profile.words) is None


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(burberry: Profile, text: str) -> None:
    for kind in list(burberry.kinds.values())[:5]:
        parse(text, kind, burberry.words)
