"""``load``: rows of text cells become records, all of them or none."""

from oimkit.sandbox.loading.batch import claim, load, point

__all__ = ["claim", "load", "point"]
