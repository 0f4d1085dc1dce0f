"""What long work calls while it goes on; one type for each way of counting."""

from __future__ import annotations

from collections.abc import Callable

RowProgress = Callable[[int], None]
"""Called with the number of rows done so far."""

ByteProgress = Callable[[int, int], None]
"""Called with the bytes done so far and the bytes in all."""

StageProgress = Callable[[str, int, int | None], None]
"""Called with the stage (such as "Reading"), how much of it is done, and of how much where that is known."""

PictureProgress = Callable[[int, int], None]
"""Called with the picture URLs done so far and the bytes of the pictures received."""
