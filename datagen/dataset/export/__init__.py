"""Other layouts of a dataset, for tools that read loose files: one file and one line of LAYOUTS for each.

csv           images/<code>.jpg and <name>.csv, with the path of the picture in local_image_path:
              the layout of the sample-data script that came with the first fine-tuning recipe
jsonl         the same with <name>.jsonl: one JSON object per line, numbers as numbers, attributes nested
parquet       <name>.parquet: everything in one file, pictures included
imagefolder   train/<code>.jpg and train/metadata.jsonl, as ``load_dataset("imagefolder")`` reads it

Of a dataset with splits, each split has a file of its own (<split>.csv), or a folder (<split>/).
In a CSV, attributes are one JSON object in a cell. Masks are PNG files in masks/ (train/masks/); their paths
are in local_mask_path or mask_file_name, which ``datasets`` opens as an image.
"""
