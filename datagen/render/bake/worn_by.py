"""Who wears what: for each figure the cuts of each kind that are baked on it, in this order.

One figure or two wear a cut that few products need, several what most products or their companions show.
"""

from __future__ import annotations

WORN_BY: dict[str, str] = {
    "abi-hand_on_hip": """
car_coat mid_length single, dress long_sleeve pleated, duffle_coat open, hooded_jacket cropped-hooded,
hoodie pullover, polo_shirt regular slim, puffer_jacket hooded, quilted_jacket collarless, shirt oversized
regular relaxed short_sleeve, skirt zip, sweatshirt crew relaxed zip, t_shirt oversized regular, trench_coat
short, trousers straight
""",
    "ada-contrapposto": """
blazer collarless open slim, blouse pleated, bomber_jacket cropped oversized, cape long oversized, car_coat
short, dress shirt_dress short slip, field_jacket pockets, hooded_jacket cropped-hooded hooded, hoodie
pullover zip, jeans relaxed, parka hooded, pea_coat open, polo_shirt fitted oversized, puffer_jacket
cropped, shirt regular, shorts regular, skirt long mid_length, sweater cropped fitted pleated, sweater_dress
fitted mid_length, t_shirt fitted regular relaxed, tailored_coat mid_length single, top cropped sleeveless
tank, trench_coat belted collarless-long mid_length, trousers straight tapered
""",
    "ada-contrapposto-turned": """
blazer open, car_coat short, dress shirt_dress slip, field_jacket pockets, hooded_jacket hooded, hoodie
pullover zip, polo_shirt fitted, shirt regular, shorts regular, skirt mid_length, sweater fitted,
sweater_dress fitted, t_shirt fitted regular, tailored_coat single, top sleeveless tank, trench_coat belted
mid_length, trousers straight tapered
""",
    "ada-hand_on_hip": """
blazer belted cropped single sleeveless, blouse loose, bomber_jacket zipped, cardigan buttoned oversized
zip, denim_jacket buttoned relaxed, harrington_jacket fitted zipped, hooded_jacket fitted-hooded hooded,
hoodie pullover, jeans slim, overshirt buttoned, polo_shirt regular, puffer_jacket zipped, quilted_jacket
buttoned hooded, shirt cropped regular, shorts regular straight, sweater fitted, sweatshirt crew slim,
t_shirt fitted, top cropped-sleeveless lace_trim sleeveless tank, trousers straight
""",
    "ada-stride": """
blazer single, cape hooded, car_coat oversized single, cardigan cropped, denim_jacket buttoned open, dress
belted-short long mid_length pleated-short sleeveless, duffle_coat hooded long, field_jacket hooded, hoodie
fitted, jeans slim straight, parka belted, pea_coat double oversized, polo_shirt regular, puffer_coat open,
shirt regular, skirt a_line mid_length-pleated pleated, sweater crew fitted oversized v_neck, sweatshirt
crew oversized, t_shirt fitted regular slim, tailored_coat long open, top tank, trench_coat belted
detachable_warmer oversized short, trousers belted-slim cropped relaxed straight
""",
    "ben-wide": """
car_coat open short single, cardigan buttoned, hooded_jacket oversized-hooded, hoodie zip, jeans slim,
polo_shirt regular, puffer_jacket belted cropped oversized zipped, quilted_jacket hooded, shirt pleated
sleeveless, shorts wide zip, skirt gathered pleated, sweater crew, t_shirt long_sleeve regular, trench_coat
open, trousers straight
""",
    "ben-wide-back": """
hoodie zip, jeans slim, polo_shirt regular, puffer_jacket zipped, t_shirt long_sleeve regular, trousers
straight
""",
    "hal-both_thighs": """
car_coat long long-hooded mid_length oversized, duffle_coat belted oversized, field_jacket pockets,
hooded_jacket hooded, jeans slim, joggers relaxed, overshirt cropped open relaxed slim, parka hooded zip,
polo_shirt zip, puffer_jacket open, shorts regular, sweater oversized-v_neck roll_neck short_sleeve zip,
t_shirt long_sleeve regular, tailored_coat open single, trench_coat belted, trousers straight
""",
    "hal-both_thighs-back": """
field_jacket pockets, jeans slim, shorts regular, t_shirt regular, trench_coat belted, trousers straight
""",
    "ken-wide": """
blazer single slim, bomber_jacket open zipped, cardigan v_neck, duffle_coat long short, gilet cropped,
harrington_jacket hooded oversized, hooded_jacket hooded-open, jeans slim, joggers cuffed, overshirt
buttoned, parka cropped, polo_shirt long_sleeve oversized slim, puffer_coat hooded, puffer_jacket cropped,
quilted_jacket buttoned, shirt regular relaxed, sweatshirt crew cropped, t_shirt regular, trench_coat
mid_length, trousers cargo-wide straight
""",
    "kwame-bent": """
blazer open, car_coat short, cardigan buttoned cropped, denim_jacket hooded open, field_jacket cropped,
gilet zipped, harrington_jacket zipped, hooded_jacket cropped-hooded hooded-half, hoodie cropped oversized
pullover, jeans wide, puffer_coat short zipped, puffer_jacket oversized zipped, shorts straight, sweater
crew, sweatshirt relaxed, t_shirt long_sleeve-oversized regular slim, trench_coat long, trousers
cargo-relaxed cargo-slim straight
""",
    "kwame-contrapposto": """
blazer open, bomber_jacket sleeveless zipped, duffle_coat open, gilet open, hoodie pullover relaxed, joggers
cuffed slim, overshirt buttoned, parka oversized, puffer_jacket hooded, quilted_jacket buttoned cropped zip,
shirt cropped lace_trim regular short_sleeve sleeveless, sweater crew sleeveless, sweatshirt crew, t_shirt
cropped regular, tailored_coat long, trench_coat short, trousers straight
""",
    "kwame-contrapposto-back": """
duffle_coat open, hoodie pullover, joggers cuffed, overshirt buttoned, quilted_jacket buttoned, shirt
regular short_sleeve, sweater crew, sweatshirt crew, t_shirt regular, trousers straight
""",
    "leo-thigh": """
car_coat long, dress belted short_sleeve, duffle_coat cropped, jeans slim straight, polo_shirt relaxed,
puffer_jacket open zipped, quilted_jacket buttoned cropped, shorts regular, skirt a_line, sweater crew,
sweatshirt crew long_sleeve oversized sleeveless, t_shirt regular, trench_coat long mid_length open,
trousers straight
""",
    "luis-thigh": """
blazer oversized, bomber_jacket open, car_coat hooded open, cardigan buttoned long, denim_jacket cropped,
gilet zipped, harrington_jacket zipped, hooded_jacket zip, jeans skinny slim, parka belted, pea_coat hooded
open, polo_shirt relaxed, puffer_coat zipped, puffer_jacket zipped, shirt oversized pleated regular, shorts
slim, sweater v_neck, swim_shorts drawcord, t_shirt oversized regular, trousers cargo-cropped relaxed
straight
""",
    "luis-thigh-turned": """
blazer oversized, bomber_jacket open, car_coat open, cardigan buttoned, gilet zipped, harrington_jacket
zipped, jeans slim, puffer_jacket zipped, shirt oversized regular, swim_shorts drawcord, t_shirt oversized
regular, trousers straight
""",
    "mei-both_on_hips": """
blazer single, blouse long_sleeve loose, bomber_jacket zipped, cardigan belted buttoned long, denim_jacket
buttoned cropped hooded, harrington_jacket fitted zipped, hooded_jacket fitted-hooded hooded, hoodie
pullover, jeans slim, overshirt buttoned, polo_shirt regular, puffer_jacket oversized zipped, quilted_jacket
belted buttoned, shirt lace_trim-slim regular, shorts pleated regular, sweater fitted relaxed roll_neck
short_sleeve, sweatshirt crew zip, t_shirt fitted regular, top sleeveless tank, trousers straight
""",
    "mei-walking": """
blazer open, cape collar, car_coat open, cardigan buttoned, dress zip, field_jacket open, gilet hooded
zipped, harrington_jacket cropped zipped, hoodie pullover, jeans slim, poncho oversized, puffer_coat
belted-long hooded zipped, puffer_jacket zipped, quilted_jacket cropped, shirt regular relaxed slim, skirt
a_line lace_trim lace_trim-long zip, sweater fitted, sweater_dress crew, swimsuit plain zip, t_shirt fitted
regular, top tank, trench_coat detachable_warmer long, trench_jacket belted oversized short, trousers
cargo-relaxed straight
""",
    "mia-contrapposto": """
car_coat hooded, dress gathered, hooded_jacket hooded, hoodie pullover, joggers cuffed, polo_shirt
oversized, quilted_jacket buttoned oversized, shirt regular slim zip, shorts regular, skirt a_line,
sweatshirt crew cropped, t_shirt regular relaxed, trench_coat belted cropped, trousers straight
""",
    "mia-contrapposto-turned": """
dress gathered, hoodie pullover, joggers cuffed, quilted_jacket buttoned, shirt regular, shorts regular,
skirt a_line, sweatshirt crew, t_shirt regular, trousers straight
""",
    "rosa-hand_on_hip": """
blouse loose, bomber_jacket belted zipped, cape hooded-oversized, car_coat cropped long, dress flared
lace_trim, harrington_jacket open, hoodie oversized, joggers cuffed, overshirt buttoned, parka open,
puffer_coat belted-short long mid_length, puffer_jacket hooded, quilted_jacket buttoned, shirt oversized
pleated regular, skirt a_line belted lace_trim-short long pencil, sweater fitted, sweater_dress short,
sweatshirt crew, t_shirt fitted regular, tailored_coat belted open, top tank, trench_jacket open, trousers
pleated straight
""",
    "rosa-hand_on_hip-turned": """
blouse loose, bomber_jacket zipped, car_coat long, dress flared, hoodie oversized, joggers cuffed,
quilted_jacket buttoned, shirt regular, skirt a_line pencil, sweater fitted, t_shirt fitted regular,
tailored_coat open, top tank, trench_jacket open, trousers straight
""",
    "sol-stride": """
bomber_jacket oversized short, car_coat single, cardigan oversized, denim_jacket buttoned, field_jacket
oversized, gilet hooded, hooded_jacket oversized-hooded, jeans relaxed slim, parka open, pea_coat double
relaxed, polo_shirt oversized-zip regular, puffer_coat open, quilted_jacket hooded, shirt slim, sweater crew
relaxed roll_neck, t_shirt regular relaxed v_neck, tailored_coat open, trench_coat belted detachable_warmer,
trousers cropped pleated straight
""",
    "tom-behind": """
blazer cropped, bomber_jacket cropped relaxed, field_jacket open pockets, harrington_jacket cropped,
hooded_jacket hooded, jeans straight, parka hooded, pea_coat cropped, quilted_jacket open, shirt regular,
shorts regular, sweater crew, sweatshirt oversized, t_shirt regular, tailored_coat single, trench_coat open
oversized, trench_jacket belted, trousers slim straight wide
""",
    "tom-square": """
blazer collarless single, car_coat single, denim_jacket buttoned oversized relaxed, duffle_coat hooded,
field_jacket hooded, harrington_jacket open, hoodie zip, overshirt oversized oversized-zip, pea_coat double,
polo_shirt regular, quilted_jacket oversized short, shirt oversized-short_sleeve regular, sweater crew
cropped hooded oversized, t_shirt regular, trench_coat cropped detachable_warmer open, trousers cargo
straight tapered wide
""",
    "tom-square-turned": """
blazer single, car_coat single, denim_jacket buttoned, duffle_coat hooded, hoodie zip, pea_coat double,
polo_shirt regular, shirt regular, sweater crew, t_shirt regular, trench_coat open, trousers cargo straight
tapered
""",
    "vera-bent": """
blazer single, blouse loose, bomber_jacket open, car_coat mid_length single, denim_jacket buttoned oversized
slim, dress flared lace_trim-short pleated, hoodie cropped oversized, jeans skinny slim straight, overshirt
open, parka oversized, pea_coat double, polo_shirt long_sleeve regular sleeveless, poncho hooded,
quilted_jacket open, skirt pencil pleated-short, sweater cropped-v_neck fitted v_neck, sweater_dress fitted,
swimsuit belted, t_shirt fitted long_sleeve oversized regular, tailored_coat belted-oversized, top camisole
tank, trench_coat cropped, trousers belted straight
""",
    "vera-bent-back": """
blouse loose, denim_jacket buttoned, jeans slim straight, polo_shirt regular, quilted_jacket open, skirt
pencil, t_shirt fitted regular, top camisole tank, trousers straight
""",
    "zola-both_on_hips": """
blazer single, blouse loose, bomber_jacket zipped, cardigan buttoned, denim_jacket buttoned,
harrington_jacket fitted zipped, hooded_jacket fitted-hooded hooded oversized-hooded, hoodie pullover, jeans
slim, overshirt buttoned oversized, polo_shirt regular slim, puffer_jacket zipped, quilted_jacket buttoned
oversized, shirt oversized-short_sleeve regular, shorts cropped regular wide, sweater crew fitted zip,
sweatshirt crew relaxed, t_shirt fitted regular, top relaxed-sleeveless sleeveless tank v_neck, trousers
straight
""",
    "zola-crossed": """
blazer double oversized, blouse short_sleeve, car_coat drawcord-long hooded, dress belted, duffle_coat open,
field_jacket pockets, hooded_jacket hooded hooded-open, hoodie pullover, jeans wide, parka hooded long,
poncho fringed, puffer_coat belted, quilted_jacket short, shorts regular, skirt a_line gathered mid_length
short, sweater fitted oversized roll_neck, sweater_dress oversized, sweatshirt fitted, t_shirt cropped
fitted regular, tailored_coat double oversized single, top long_sleeve tank, trench_coat open, trench_jacket
cropped, trousers slim straight wide
""",
    "zola-shift": """
car_coat drawcord long-zip, cardigan buttoned, dress gathered mid_length-pleated slip, duffle_coat
oversized, field_jacket oversized, gilet open zipped, harrington_jacket zipped, hooded_jacket hooded-half,
jeans slim, puffer_coat short zipped, puffer_jacket zipped, shirt short_sleeve, skirt a_line
lace_trim-mid_length, sweater crew fitted, sweater_dress belted relaxed turtleneck, t_shirt cropped fitted
regular, top camisole sleeveless sleeveless-slim tank, trench_coat hooded open short, trousers cargo
straight wide
""",
    "zola-shift-back": """
dress gathered slip, gilet zipped, harrington_jacket zipped, jeans slim, puffer_coat zipped, skirt a_line,
sweater crew fitted, t_shirt fitted regular, top camisole sleeveless, trench_coat open, trousers straight
""",
}
"""Figure -> kinds, each with its cuts."""


def names_of(figure: str) -> list[str]:
    """The names of what a figure wears, such as "trench_coat long", in the order in which they are baked."""
    every = (entry.split() for entry in WORN_BY[figure].split(","))
    return [f"{kind} {cut}" for kind, *cuts in every for cut in cuts]
