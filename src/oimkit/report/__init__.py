"""HTML reports: one self-contained page made of sections, figures and tables."""

from oimkit.report.page import Explanation, Figure, Page, Section, Step, Table, Tone, render_page

__all__ = ["Explanation", "Figure", "Page", "Section", "Step", "Table", "Tone", "render_page"]
