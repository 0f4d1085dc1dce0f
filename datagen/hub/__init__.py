"""The Hugging Face Hub: pushing dataset folders, and pulling back what was pushed.

errors.py       what a failed call means, in a sentence
retries.py      calls that are repeated while their failure may be temporary
client.py       the client; names, revisions, access
files.py        the files of a repository: listing, comparing, downloading
plan.py         what a push has to do
push.py         doing it
pull_back.py    a pushed dataset as a folder again, byte for byte
private.py      private repositories that hold folders of this machine: of runs, of what jobs need
jobs.py         commands that run on the Hub's machines: submitting, following, cancelling, prices
"""
