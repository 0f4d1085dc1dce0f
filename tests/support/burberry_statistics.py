"""What public pages show of the catalogue: the numbers that the built-in profile is held to."""

from __future__ import annotations

# The Hub viewer of the real set: statistics of its columns.
DEPARTMENTS = {"WOMAN": 0.55, "MAN": 0.32, "KIDS": 0.13}  # 24, 12 and 3 of 39 visible rows: a weak hint
LEVEL_TWO_VALUES = 26
LEVEL_THREE_LENGTHS = (3, 28)
TITLE_LENGTHS = (8, 71)
PRICE_BOUNDS = (32, 70_000)
CODE_BOUNDS = (26_000_000, 80_900_000)
NAMED_PATHS = [
    ("WOMAN", "BAGS", "CROSSBODY"),
    ("MAN", "SHOES", "SNEAKERS"),
    ("MAN", "ACCESSORIES", "HATS & GLOVES"),
    ("WOMAN", "OUTERWEAR", "QUILTED JACKETS"),
    ("WOMAN", "OUTERWEAR", "PONCHOS & CAPES"),
    ("WOMAN", "BAGS", "SHOULDER"),
    ("WOMAN", "ACCESSORIES", "WALLETS & CARD CASES"),
    ("WOMAN", "CASHMERE SCARVES", "N.A."),
]

# 248 distinct English titles of the house, 2023-25.
TITLE_PERCENTILES = {5: 14, 25: 21, 50: 27, 75: 35, 95: 42}
WORD_COUNTS = {2: 4, 3: 26, 4: 28, 5: 26, 6: 12, 7: 3}  # per cent; 7 stands for 7 and more
WORD_SHARES = {"Check": 27, "Cotton": 28, "EKD": 9, "Print": 8}
WORD_SHARES |= {"Nylon": 13, "Wool": 12, "Silk": 8, "Leather": 6}
WORD_SHARES_NEAR = 7  # points: that sample holds far more outerwear, and fewer bags, than a whole shop
JOINED_BY_AND = 3
ACCENTED = {"Piqué", "Appliqué", "Bouclé"}

# 408 prices read on the US site and at retailers, 2023-25: quartiles by type, for types of 4 prices and more.
QUARTILES = {
    "trench_coat": (2490, 2590, 3250),
    "car_coat": (2150, 2350, 2890),
    "coat": (2125, 3020, 4035),
    "quilted": (1550, 1790, 2035),
    "jacket": (1790, 2100, 2565),
    "t_shirt": (510, 570, 820),
    "sweats": (820, 1350, 1350),
    "knitwear": (1800, 1850, 2170),
    "shirt": (1038, 1550, 1875),
    "trousers": (700, 820, 1170),
    "wallet": (440, 560, 680),
    "bag": (1750, 2090, 2590),
    "sneakers": (750, 770, 782),
    "shoes": (975, 1190, 1290),
    "scarf": (390, 550, 780),
    "eyewear": (282, 310, 322),
}
MEDIANS_OF_THIN_TYPES = {"skirt": 2070, "hat": 530, "jewellery": 370}
ENDINGS_FROM_1000 = {50: 62, 90: 38}  # 36 and 22 of 58
ENDINGS_FROM_2000 = {50: 47, 90: 46, 0: 7}
LEADING_ENDINGS_BELOW_1000 = {20, 80, 50, 60}
MULTIPLES_OF_TEN = 0.98

# 147 outerwear rows of the US site, March 2025: how often a title comes again.
REPEATED_ROWS = (0.25, 0.40)

# Modelled.
CAPACITY = 5_000_000
EXOTIC_PRICE = 20_000
EXOTIC_SHARE = (1 / 4_000, 1 / 600)
