"""The figures that wear the clothes: builds, poses, heads, companion garments, and the fit of a garment."""
