"""Other layouts of a dataset, for tools that read loose files: one file and one line of LAYOUTS for each.

csv           images/<code>.jpg and <name>.csv, with the path of the picture in local_image_path:
              the layout of the sample-data script that came with the first fine-tuning recipe
jsonl         the same with <name>.jsonl: one JSON object per line, numbers as numbers, attributes nested
parquet       <name>.parquet: everything in one file, pictures included
imagefolder   train/<code>.jpg and train/metadata.jsonl, as ``load_dataset("imagefolder")`` reads it
webdataset    train-000000.tar, ...: five to seven files for each row
coco          train/<code>.jpg and annotations/instances_train.json, captions_..., person_keypoints_...
yolo          images/train/<code>.jpg, labels/train/<code>.txt and data.yaml

Of a dataset with splits, each split has a file of its own (<split>.csv), or a folder (<split>/).
In a CSV, attributes and keypoints are JSON in a cell. Masks are PNG files in masks/ (train/masks/); their
paths are in local_mask_path or mask_file_name, which ``datasets`` opens as an image. So are normals and
depth, in folders of these names; coco and yolo have no place for them.
"""
