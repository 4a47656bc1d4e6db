"""Layouts of banks' CSV files as data: what a profile says, where they are kept, and which one a file is in."""

from oimkit.banking.csv_profiles.loader import builtin_profiles, load_profile
from oimkit.banking.csv_profiles.model import Profile

__all__ = ["Profile", "builtin_profiles", "load_profile"]
