"""The Hugging Face Hub: pushing dataset folders, and pulling back what was pushed.

client.py       the connection: retries, names, access, errors as sentences
files.py        the files of a repository: listing, comparing, downloading
plan.py         what a push has to do
push.py         doing it
pull_back.py    a pushed dataset as a folder again, byte for byte
"""
