"""Which of the renderer's kinds stands in for a kind of a catalogue: the nearest by words, or a plain one.

Only pictures depend on it; the mapping stands in the profile (``drawing``) and may be edited there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from datagen.product.vocabulary import KINDS

UNKNOWN = "pouch"
"""What is drawn where no word tells: the plainest thing, a flat case."""

_ALSO = {
    "trench_coat": "trenchcoat trench",
    "tailored_coat": "coat coats overcoat mantel manteau abrigo cappotto",
    "parka": "parka anorak",
    "puffer_jacket": "puffer daunenjacke doudoune piumino",
    "gilet": "vest vests gilet weste",
    "bomber_jacket": "bomber jacket jackets jacke veste blouson chaqueta giacca",
    "denim_jacket": "trucker",
    "blazer": "blazer blazers sakko suit anzug",
    "cape": "cape",
    "poncho": "poncho",
    "t_shirt": "t-shirt tshirt tee henley unterhemd",
    "top": "top tops tank camisole bra bralette corset bodysuit bustier bikini tanktop",
    "polo_shirt": "polo polos poloshirt",
    "shirt": "shirt shirts hemd chemise camisa camicia",
    "blouse": "blouse bluse",
    "hoodie": "hoodie hoodies kapuzenpullover",
    "sweatshirt": "sweatshirt",
    "sweater": "sweater sweaters turtleneck pullover jumper knit pull strick",
    "cardigan": "cardigan strickjacke",
    "dress": "dress dresses minidress gown kleid robe vestido abito jumpsuit",
    "skirt": "skirt miniskirt skort rock jupe falda gonna",
    "trousers": "trousers pants leggings chaps hose pantalon pantalones pantaloni chinos tights",
    "jeans": "jeans jean",
    "shorts": "shorts short boxers briefs",
    "joggers": "joggers sweatpants jogginghose",
    "swim_shorts": "trunks badehose",
    "swimsuit": "swimsuit badeanzug maillot",
    "tote": "tote bag bags tasche sac bolso borsa shopper",
    "crossbody_bag": "crossbody messenger umhängetasche",
    "shoulder_bag": "shoulder hobo",
    "backpack": "backpack rucksack mochila zaino",
    "belt_bag": "beltbag waist bum",
    "bucket_bag": "bucket",
    "clutch": "clutch",
    "pouch": "pouch case etui mäppchen",
    "wallet": "wallet geldbeutel portefeuille geldbörse",
    "card_case": "cardholder cardcase holder",
    "keyring": "keychain keyring charm schlüsselanhänger",
    "sneakers": "sneakers sneaker trainers shoes shoe schuhe turnschuhe",
    "boots": "boots boot stiefel bottes bottines",
    "loafers": "loafers loafer derbys oxfords brogues moccasins monkstraps slippers mules clogs",
    "pumps": "pumps heels flats ballerinas",
    "sandals": "sandals sandalen flip-flops",
    "slides": "slides slide badelatschen",
    "scarf": "scarf schal écharpe bufanda sciarpa",
    "square_scarf": "bandana foulard tuch",
    "cap": "cap caps mütze casquette gorra",
    "bucket_hat": "hat hats hut fedora beret",
    "beanie": "beanie balaclava strickmütze",
    "gloves": "gloves mittens handschuhe handschuh gants guantes",
    "belt": "belt gürtel ceinture cinturón",
    "sunglasses": "sunglasses glasses brille sonnenbrille lunettes schutzbrille",
    "watch": "watch watches uhr montre reloj",
    "earrings": "earrings earring ohrringe",
    "necklace": "necklace choker pendant halskette kette collier",
    "bracelet": "bracelet ring cuff bangle armband reif",
    "socks": "socks sock socken chaussettes",
    "tie": "tie krawatte cravate",
    "umbrella": "umbrella regenschirm schirm parapluie",
    "blanket": "blanket decke towel handtuch",
    "fragrance": "fragrance perfume parfum bottle flasche reiniger spray öl",
    "foundation": "foundation lotion tube kleber",
    "lipstick": "lipstick lippenstift stift pen",
}
"""Kinds of the renderer -> other words for them, in English and a few more languages."""

_WORDS: dict[str, str] = {kind: kind for kind in KINDS}
for _kind, _also in _ALSO.items():
    _WORDS |= dict.fromkeys(_also.split(), _kind)

_MADE_OF = (
    (
        "tote crossbody_bag shoulder_bag top_handle_bag bucket_bag clutch pouch wallet card_case belt",
        "leather",
    ),
    ("sneakers boots chelsea_boots loafers pumps sandals slides gloves", "leather"),
    ("sweater cardigan beanie scarf tailored_coat blazer sweater_dress", "wool"),
    ("jeans denim_jacket", "denim"),
    ("watch earrings necklace bracelet keyring lipstick", "metal"),
    ("fragrance foundation", "glass"),
    ("sunglasses", "acetate"),
    ("puffer_jacket puffer_coat gilet parka backpack belt_bag umbrella", "nylon"),
    ("rain_boots", "rubber"),
)

_WEARERS = {
    "baby": "baby babies newborn säugling bébé",
    "child": "kids kid child children boys girls kinder kind jungen mädchen enfant niños bambini junior",
    "woman": "women woman womens womenswear ladies lady ladieswear female damen damenmode frauen "
    "femme femmes mujer donna her",
    "man": "men man mens menswear male gentlemen herren herrenmode männer homme hommes hombre uomo him",
}


def drawing_of(noun: str, categories: Sequence[str]) -> str:
    """The renderer's kind for a noun: by its words, the last one first, then by those of its categories.

    A compound goes by its end: "Winterjacke" is a jacke.
    """
    for text in (noun, *reversed(categories)):
        words = _plain(text)
        for joined in (" ".join(words), *(" ".join(words[-n:]) for n in (2, 1)), *reversed(words)):
            found = _known(joined.replace(" ", "_")) or _known(joined)
            if found:
                return found
        for word in reversed(words):
            ends = [known for known in _WORDS if len(known) >= 4 and word.endswith(known)]
            if ends:
                return _WORDS[max(ends, key=len)]
    return UNKNOWN


def plain_material(drawing: str) -> str:
    """What a thing is made of where its title does not say."""
    return next((material for words, material in _MADE_OF if drawing in words.split()), "cotton")


def wearer_of(path: Iterable[str], otherwise: str = "woman") -> str:
    """Who wears what stands under a path of categories; ``otherwise`` where it does not say."""
    words = {word for text in path for word in _plain(text)}
    for wearer, known in _WEARERS.items():
        if words & set(known.split()):
            return wearer
    return otherwise


def _known(word: str) -> str | None:
    return _WORDS.get(word) or (_WORDS.get(word[:-1]) if word.endswith("s") else _WORDS.get(word + "s"))


def _plain(text: str) -> list[str]:
    return re.findall(
        r"[^\W\d_]+(?:-[^\W\d_]+)*", unicodedata.normalize("NFC", text).casefold().replace("'s", "s")
    )
