"""The Hugging Face Hub: pushing dataset folders, and pulling back what was pushed.

errors.py       what a failed call means, in a sentence
retries.py      calls that are repeated while their failure may be temporary
client.py       the client; names, revisions, access
files.py        the files of a repository: listing, comparing, downloading
request.py      what any push asks for, and what its plan says
attempt.py      one attempt at a push, from its plan to its tag
plan.py         what a push of datasets has to do
push.py         pushing datasets
model_plan.py   what a push of a model has to do
push_model.py   pushing a model
pull_back.py    a pushed dataset as a folder again, byte for byte
private.py      private repositories that hold folders of this machine: of runs, of what jobs need
jobs.py         commands that run on the Hub's machines: submitting, following, cancelling, prices
"""
