"""The figure that clothes are worn by: builds, poses, heads, companion garments, how a cut is worn."""
