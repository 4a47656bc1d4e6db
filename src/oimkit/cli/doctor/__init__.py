"""``oimkit doctor``: what the server is, what it allows this user, and what is missing, in plain words."""

from oimkit.cli.doctor.running import command

__all__ = ["command"]
