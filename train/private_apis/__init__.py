"""Everything in this wing that relies on private interfaces of libraries, and nothing else.

    trainer.py      methods of ``transformers.Trainer`` with a leading underscore
    generation.py   methods of ``GenerationMixin`` with a leading underscore
    loading.py      names in configurations, processors and 4-bit weights

The rest of the wing calls the public names defined here. tests/train/private_apis fails as soon as a library
moves one of them, and setup.cfg excludes the next major version of these libraries.
"""
