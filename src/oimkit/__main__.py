"""``python -m oimkit``: the command ``oimkit`` where its script is not on the path."""

from oimkit.cli.app import main

main()
