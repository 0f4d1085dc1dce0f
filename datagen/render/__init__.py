"""Pictures: a product in, a JPEG out. ``scene`` is the entry.

A product is described in the words of ``datagen.product.vocabulary``; this package draws them.

- ``silhouettes``: one drawing function for each kind, and the table of kinds. A drawing is a list of
  ``layers``, whose paths come from ``outlines``.
- ``figure``: the people who wear the clothes.
- ``stencil``: layers to masks and light, with ``merge_layers``, ``shading`` and ``shadows``.
- ``paint``: colours, ``patterns``, ``fabrics`` and ``marks`` (lettering, emblems) inside those masks.
- ``studio``: backdrops and sensor noise.
- ``scene``: a stencil, painted and lit, in a studio: the picture.
- ``truth``: what that picture shows, as attributes and a segmentation mask.
- ``grids``: sheets of everything that can be drawn.
- ``planes``, ``cache``, ``random_stream``: arithmetic on pixels, a bounded cache, random numbers by key.
"""
