"""Bodies, garments and drapes that the baked layers are made from: for developers, with the extra
``[bake]``."""
