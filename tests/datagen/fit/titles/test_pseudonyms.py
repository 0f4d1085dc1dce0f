"""Made-up words: they look like a catalogue's own, end as its words end, and tell of no single product."""

from __future__ import annotations

from datagen.fit.titles.pseudonyms import Pseudonyms, forms_of

GERMAN = [
    *("Schraube", "Mutter", "Scheibe", "Hammer", "Zange", "Bohrer", "Säge", "Feile", "Meißel", "Schlüssel"),
    *("Nagel", "Dübel", "Winkel", "Leiste", "Platte", "Rahmen", "Griff", "Kette", "Haken", "Öse", "Klemme"),
    *("Schelle", "Muffe", "Dichtung", "Ventil", "Pumpe", "Schlauch", "Rohr", "Bogen", "Flansch", "Bürste"),
    *("Rolle", "Spachtel", "Kelle", "Eimer", "Wanne", "Leiter", "Gerüst", "Plane", "Folie", "Band", "Farbe"),
]


def made(many: int = 60, form: str = "Aa", **options: object) -> list[str]:
    words = dict.fromkeys(GERMAN, 10)
    return Pseudonyms(words, GERMAN, **options).invented({form: 1}, many)  # type: ignore[arg-type]


def test_words_are_new_and_end_as_the_source_s_words_end() -> None:
    words = made()
    assert len(set(words)) == 60
    assert not {word.casefold() for word in words} & {word.casefold() for word in GERMAN}
    ends = {word.casefold()[-2:] for word in GERMAN}
    assert sum(word[-2:].casefold() in ends for word in words) >= 58
    lengths = {len(word) for word in GERMAN}
    assert all(min(lengths) - 1 <= len(word) <= max(lengths) + 1 for word in words)


def test_every_three_letters_come_from_a_word_of_the_source() -> None:
    known = {word.casefold()[at : at + 3] for word in GERMAN for at in range(len(word) - 2)}
    parts = [word.casefold()[at : at + 3] for word in made() for at in range(len(word) - 2)]
    assert sum(part in known for part in parts) >= 0.98 * len(parts)


def test_forms_are_kept() -> None:
    for word in made(20, "Aa-aa A99"):
        first, code = word.split(" ")
        assert first.split("-")[0].istitle()
        assert first.split("-")[1].islower()
        assert len(code) == 3
        assert code[0].isupper()
        assert code[1:].isdigit()


def test_letters_of_rare_words_count_only_if_enough_products_have_them() -> None:
    few = [("Xylqwx", product) for product in range(4)]
    assert not any("x" in word.casefold() for word in made(200, rare=few, min_count=5))
    enough = [("Xylqwx", product) for product in range(40)]
    assert any("x" in word.casefold() for word in made(200, rare=enough, min_count=5))


def test_a_form_of_too_few_products_is_a_plain_word() -> None:
    rare = [("Alpha", 1), ("Beta", 2), ("Gamma", 3), ("X-9", 4)]
    assert forms_of(rare, 2) == {"Aa": 4}


def test_a_rare_unit_keeps_the_frequent_words_that_enough_rare_units_have() -> None:
    rare = [(f"'The {name}'", at) for at, name in enumerate(("Pollex", "Quorum", "Zephyr"))]
    rare += [("Xo The", 9), ("Amsel", 4), ("Bertel", 5)]
    assert forms_of(rare, 3, {"The"}) == {"'\x01The\x01 Aa'": 3, "Aa": 3}
    for made in Pseudonyms(dict.fromkeys(["The", "Lounge", "Garden"], 9), []).invented(
        forms_of(rare, 3, {"The"}), 8
    ):
        assert made.startswith("'The ") == made.endswith("'")
        assert not any(name in made for name in ("Pollex", "Quorum", "Zephyr"))


def test_a_frequent_word_that_too_few_rare_units_have_is_not_kept() -> None:
    rare = [("'The Pollex'", 1), ("'The Quorum'", 2), ("'Zephyr Sail'", 3)]
    assert not any("The" in form for form in forms_of(rare, 3, {"The"}))
