"""Commands on the Hub's machines: `make`, `train` and `study` with `--on hf-jobs`, and `datagen jobs`.

This wing sees both others: what is asked for is theirs, and so is what happens in a job.

package.py         this installation as a wheel, and the versions of what it needs
inputs.py          files that a job needs from here, in a private repository, named by their content
job_command.py     the command of a job;  start.py is its first process
local_data.py      dataset folders of this machine as datasets on the Hub
run_repository.py  a run's folder in a private repository, and back
estimate.py        what a job will take: time limits and prices
training_time.py   how long training lasts where it was measured
following.py       from the question before a job to its end
train_job.py       `datagen train` in a job;  make_job.py `datagen make`
study_repository.py  a study's folder in a private repository, and back
study_job.py       `datagen study` in jobs
inside.py          what runs in the job itself
commands/          the options, and `datagen jobs`
"""
