"""The kinds and cuts that are baked without a wearer, each in its views."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from datagen.render.bake.packshots import (
    bags,
    boots,
    bottles,
    gloves,
    hats,
    jewels,
    keyrings,
    lipsticks,
    slipons,
    small_goods,
    small_leather,
    socks,
    soft_bags,
    textiles,
    trainers,
)
from datagen.render.bake.packshots.shots import MOST, Camera, Solid


class Shot(NamedTuple):
    """One cut of a kind as one camera sees it."""

    kind: str
    cut: str
    view: str
    make: Callable[[], Solid]
    camera: Camera
    wide: int
    high: int
    """The largest width and height in the frame, pixels."""
    step: int
    """Of normals in 1/127 and of depths in mm; openness and light have twice as large ones. Fewer bytes."""


FRONTAL, TURNED = Camera(0.0, 8.0), Camera(28.0, 12.0)
SLIGHTLY = Camera(18.0, 11.0)
STANDING = Camera(-24.0, 13.0)
SIDE = Camera(-8.0, 7.0)
LYING = Camera(0.0, 0.0, lies=True)
"""Products that lie are turned towards the camera already."""

TILTED = Camera(-6.0, 0.0, 8.0, lies=True)

CUTS: list[tuple[str, str, Callable[[], Solid], Camera, Camera | None]] = [
    ("sneakers", "plimsoll", trainers.pair, LYING, None),
    ("sneakers", "runner", partial(trainers.pair, True, 2.2), LYING, None),
    ("boots", "laced", boots.laced, STANDING, SIDE),
    ("boots", "tall", partial(boots.plain, 22.0), STANDING, SIDE),
    ("chelsea_boots", "flat", boots.chelsea, STANDING, SIDE),
    ("chelsea_boots", "low", partial(boots.chelsea, 15.0, 1.6), SIDE, STANDING),
    ("rain_boots", "tall", boots.rain, STANDING, SIDE),
    ("rain_boots", "short", partial(boots.rain, 26.0), SIDE, STANDING),
    ("pumps", "stiletto", boots.pumps, STANDING, SIDE),
    ("pumps", "block_heel", partial(boots.pumps, 6.5, True), STANDING, SIDE),
    ("loafers", "penny", slipons.penny, LYING, None),
    ("loafers", "bit", slipons.bits, LYING, None),
    ("sandals", "two", slipons.sandals, LYING, None),
    ("sandals", "crossed", partial(slipons.sandals, 1), LYING, None),
    ("slides", "plain", slipons.slides, LYING, None),
    ("slides", "buckled", partial(slipons.slides, 2.2, True), LYING, None),
    ("slides", "platform", partial(slipons.slides, 4.4), LYING, None),
    ("tote", "open", bags.tote, FRONTAL, TURNED),
    ("tote", "tall", bags.tall_tote, Camera(-6.0, 7.0), TURNED),
    ("tote", "turned", bags.tote, TURNED, None),
    ("tote", "chain", partial(bags.tote, 30.0, 18.0, 16.5, 12.0, False, True), FRONTAL, TURNED),
    ("crossbody_bag", "plate", bags.crossbody, FRONTAL, TURNED),
    ("crossbody_bag", "studs", partial(bags.crossbody, 11.0, 15.0, 0.15, "studs"), Camera(-8.0, 8.0), TURNED),
    ("crossbody_bag", "turned", bags.crossbody, SLIGHTLY, None),
    (
        "crossbody_bag",
        "turn",
        partial(bags.crossbody, 10.8, 16.5, 0.95, "turn", False, True),
        FRONTAL,
        TURNED,
    ),
    ("crossbody_bag", "chain", partial(bags.crossbody, 11.5, 16.0, 0.5, "turn", True, True), FRONTAL, TURNED),
    ("top_handle_bag", "flap", bags.top_handle, FRONTAL, TURNED),
    ("top_handle_bag", "turned", bags.top_handle, SLIGHTLY, None),
    ("top_handle_bag", "chain", partial(bags.top_handle, True), FRONTAL, TURNED),
    ("shoulder_bag", "soft", soft_bags.shoulder, FRONTAL, TURNED),
    ("shoulder_bag", "chain", partial(soft_bags.shoulder, True), FRONTAL, TURNED),
    ("bucket_bag", "drawn", soft_bags.bucket, Camera(0.0, 10.0), TURNED),
    ("backpack", "zipped", soft_bags.backpack, Camera(0.0, 6.0), TURNED),
    ("backpack", "turned", soft_bags.backpack, SLIGHTLY, None),
    ("belt_bag", "zipped", soft_bags.belt_bag, Camera(0.0, 9.0), TURNED),
    ("clutch", "envelope", bags.clutch, Camera(0.0, 7.0), Camera(20.0, 10.0)),
    ("wallet", "fold", small_leather.wallet, LYING, TILTED),
    ("wallet", "long", partial(small_leather.wallet, "long"), LYING, TILTED),
    ("wallet", "chain", partial(small_leather.wallet, "chain"), LYING, TILTED),
    ("wallet", "upright", partial(small_leather.wallet, "upright"), LYING, None),
    ("wallet", "around", partial(small_leather.wallet, "zip"), LYING, None),
    ("card_case", "slots", small_leather.card_case, LYING, TILTED),
    ("card_case", "zipped", partial(small_leather.card_case, "zipped"), LYING, TILTED),
    ("pouch", "zipped", small_leather.pouch, LYING, TILTED),
    ("pouch", "upright", small_leather.upright, LYING, None),
    ("pouch", "chain", partial(small_leather.pouch, True), LYING, TILTED),
    ("cap", "six", hats.cap, Camera(-18.0, 10.0), Camera(-38.0, 12.0)),
    ("cap", "front", hats.cap, Camera(0.0, 7.0), None),
    ("bucket_hat", "stitched", hats.bucket_hat, Camera(0.0, 12.0), Camera(20.0, 14.0)),
    ("beanie", "plain", hats.beanie, Camera(0.0, 4.0), Camera(20.0, 6.0)),
    ("beanie", "pompom", partial(hats.beanie, True), Camera(0.0, 4.0), Camera(20.0, 6.0)),
    ("sunglasses", "round", small_goods.sunglasses, Camera(-12.0, 17.0), Camera(32.0, 12.0)),
    ("sunglasses", "square", partial(small_goods.sunglasses, True), Camera(0.0, 20.0), None),
    ("belt", "coiled", small_goods.belt, Camera(8.0, 20.0), Camera(-14.0, 22.0)),
    ("fragrance", "square", bottles.fragrance, Camera(0.0, 6.0), Camera(18.0, 8.0)),
    ("fragrance", "round", partial(bottles.fragrance, True), Camera(0.0, 6.0), None),
    ("foundation", "pump", bottles.foundation, Camera(0.0, 7.0), Camera(18.0, 9.0)),
    ("lipstick", "square", lipsticks.lipstick, Camera(0.0, 7.0), Camera(20.0, 10.0)),
    ("lipstick", "round", partial(lipsticks.lipstick, True), Camera(0.0, 7.0), None),
    ("keyring", "tag-chain", keyrings.tag, LYING, TILTED),
    ("keyring", "loop", keyrings.loop, TILTED, None),
    ("keyring", "bear-chain", keyrings.bear, LYING, None),
    ("gloves", "knit", gloves.gloves, LYING, TILTED),
    ("gloves", "sewn", partial(gloves.gloves, False), LYING, None),
    ("necklace", "pendant-chain", jewels.necklace, LYING, TILTED),
    ("necklace", "links-chain", partial(jewels.necklace, "links"), LYING, None),
    ("earrings", "drop-chain", jewels.earrings, LYING, Camera(24.0, 4.0, lies=True)),
    ("earrings", "hoop", partial(jewels.earrings, "hoop"), LYING, None),
    ("earrings", "stud", partial(jewels.earrings, "stud"), LYING, None),
    ("bracelet", "cuff", jewels.cuff, Camera(-12.0, 26.0), Camera(24.0, 24.0)),
    ("bracelet", "links-chain", jewels.chain_bracelet, LYING, None),
    ("bracelet", "leather", partial(jewels.cuff, True), Camera(-12.0, 26.0), None),
    ("scarf", "folded", textiles.scarf, LYING, TILTED),
    ("scarf", "loose", partial(textiles.scarf, False, True), LYING, None),
    ("scarf", "reversible", partial(textiles.scarf, True), LYING, None),
    ("socks", "pair", socks.socks, LYING, TILTED),
    ("socks", "crossed", partial(socks.socks, True), LYING, None),
    ("tie", "folded", textiles.tie, LYING, TILTED),
    ("tie", "knotted", partial(textiles.tie, True), LYING, None),
    ("blanket", "corner", textiles.blanket, LYING, TILTED),
    ("square_scarf", "spread", textiles.square_scarf, LYING, TILTED),
    ("umbrella", "rolled", small_goods.umbrella, Camera(10.0, 0.0, 2.0, lies=True), TILTED),
    ("watch", "strap", small_goods.watch, LYING, TILTED),
    ("watch", "links", partial(small_goods.watch, "links"), LYING, None),
]
"""Kind, cut, how it is made, the cameras of its front and (first cut only) three-quarter views."""

SMALL = {
    **{
        "lipstick": (200, 260, 2),
        "necklace": (150, 250, 2),
        "earrings": (185, 226, 2),
        "bracelet": (176, 195, 2),
    },
    **{"keyring": (138, 240, 2), "gloves": (192, 192, 4), "socks": (184, 220, 4), "tie": (140, 360, 4)},
    "blanket": (198, 185, 4),
}
"""Of kinds that are shown small, the largest width and height, and the steps of normals."""

SHOTS: list[Shot] = [
    Shot(kind, cut, view, make, camera, *SMALL.get(kind, (*MOST, 1)))
    for number, (kind, cut, make, front, turned) in enumerate(CUTS)
    for view, camera in (("front", front), ("three_quarter", turned))
    if camera is not None and (view == "front" or kind not in {before[0] for before in CUTS[:number]})
]
