"""The commands of ``datagen``, one file each: options, call, summary. ``datagen/cli.py`` lists them."""
