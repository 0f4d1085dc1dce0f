from datagen.render.silhouettes.kind import Kind
KINDS: dict[str, Kind] = {}
