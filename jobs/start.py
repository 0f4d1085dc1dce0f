"""The first process of a job: downloads what was sent for it, then becomes the command.

Its text is given to `python -c`, with huggingface_hub and nothing else installed:

    python -c TEXT REPOSITORY COMMIT FOLDER COMMAND ...

`@ file://./` in a word of the command stands for a file that was downloaded.
"""

import os
import sys

from huggingface_hub import snapshot_download

repo, commit, folder, *command = sys.argv[1:]
here = snapshot_download(
    repo, repo_type="dataset", revision=commit, allow_patterns=[f"{folder}/*"], local_dir="datagen-job"
)
os.chdir(os.path.join(here, folder))  # noqa: PTH118
here = os.getcwd()  # noqa: PTH109
command = [word.replace(" @ file://./", f" @ file://{here}/") for word in command]
os.execvp(command[0], command)  # noqa: S606
