"""Colour words of common languages, what they look like, and what joins two of them."""

from __future__ import annotations

import colorsys

JOINERS = frozenset({"&", "and", "und", "et", "e", "y", "en", "og", "och", "/", "+", "-", "with", "mit"})

_WORDS = {
    "#1c1c1e": "black schwarz noir noire negro negra nero nera preto zwart sort svart",
    "#f4f4f2": "white weiß weiss blanc blanche blanco blanca bianco bianca branco wit hvid vit transparent",
    "#efe8d8": "off-white ivory cream ecru écru creme crème wollweiß naturweiß crudo panna elfenbein",
    "#8d9096": "gray grey grau gris grigio grigia cinza grijs grå gunmetal anthracite anthrazit charcoal",
    "#2f5d9b": "blue blau bleu bleue azul blu blauw blå indigo hellblau",
    "#1d2b4d": "navy marine dunkelblau marineblau midnight petrol",
    "#6b4a32": "brown braun brun brune marron marrón marrone castanho bruin tortoiseshell schildpatt",
    "#d8c4a0": "beige sand nude bege champagne",
    "#c19a6b": "tan camel cognac caramel honey honig",
    "#8f8373": "taupe stone mushroom",
    "#3f6b45": "green grün vert verte verde groen grøn grön dunkelgrün",
    "#6d6b45": "khaki olive oliv kaki",
    "#e58fae": "pink rosa rose roze fuchsia pinke rosé",
    "#b9262c": "red rot rouge rojo roja rosso rossa vermelho rood rød röd scarlet",
    "#6e1f32": "burgundy bordeaux weinrot burgunder maroon granate",
    "#6a4a8f": "purple violet violett lila viola morado roxo paars lilac lavender",
    "#e2762b": "orange naranja arancione laranja oranje coral koralle",
    "#ecc843": "yellow gelb jaune amarillo amarilla giallo gialla amarelo geel gul mustard senf",
    "#c9ccd1": "silver silber argent plata argento prata zilver silbern",
    "#c8a24a": "gold golden or dorado oro dourado goud bronze brass copper kupfer messing",
    "#b05a8c": "multicolor multicolour multicolore mehrfarbig bunt multicolor multi",
    "#4aa3a8": "turquoise türkis teal aqua mint",
}
"""The ground of a picture -> colour words in English, German, French, Spanish, Italian, Portuguese, Dutch,
Danish and Swedish. A word that means something else in another of these languages has no great harm to do."""

_AMBIGUOUS = frozenset(
    {"or", "sort", "sand", "honey", "stone", "rose", "transparent", "mint", "midnight", "e"}
)
"""Words that are colours only beside others: they fix a picture's colour, but do not find one in a title."""

_HEX = {word: ground for ground, words in _WORDS.items() for word in words.split()}

PLAIN = (
    "black",
    "white",
    "gray",
    "navy",
    "brown",
    "beige",
    "green",
    "red",
    "blue",
    "burgundy",
    "khaki",
    "pink",
)
"""The colourways of a catalogue whose titles say none."""


def is_colour(word: str) -> bool:
    """Whether a word of a title is a colour."""
    plain = word.casefold()
    return plain in _HEX and plain not in _AMBIGUOUS


def colour_set(say: str) -> dict[str, str]:
    """The four colours of a colourway by its name: the first word gives the ground, the second the band.

    A word that is not known gives a neutral grey.
    """
    words = [_HEX[word] for word in say.casefold().replace("/", " ").split() if word in _HEX]
    ground = words[0] if words else "#9a948c"
    band = words[1] if len(words) > 1 else _shaded(ground, 0.55)
    return {
        "ground": ground,
        "band": band,
        "line": "#ffffff" if _lightness(ground) < 0.7 else "#3a3a3c",
        "accent": _shaded(band, 0.6) if len(words) > 1 else "#a8563c",
    }


def _rgb(colour: str) -> tuple[float, float, float]:
    return tuple(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))  # type: ignore[return-value]


def _lightness(colour: str) -> float:
    return colorsys.rgb_to_hls(*_rgb(colour))[1]


def _shaded(colour: str, factor: float) -> str:
    """Darker by a factor, or lighter where the colour is dark already."""
    hue, light, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    light = light * factor if light > 0.3 else light + (1 - light) * (1 - factor) / 2
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))
