"""The generated file of each format."""

from __future__ import annotations

from collections.abc import Callable

from bench.statements.camt import camt052_file, camt053_file, camt054_file
from bench.statements.lists import csv_file, onec_file, qif_file
from bench.statements.ofx import ofx1_file, ofx2_file
from bench.statements.records import bai2_file, cfonb120_file, coda_file, n43_file, tito_file
from bench.statements.swift import mt940_codes_file, mt940_file, mt940_plain_file, mt942_file

__all__ = ["FILES"]

FILES: dict[str, Callable[[int], bytes]] = {
    "ofx1": ofx1_file,
    "ofx2": ofx2_file,
    "mt940": mt940_file,
    "mt940-codes": mt940_codes_file,
    "mt940-plain": mt940_plain_file,
    "mt942": mt942_file,
    "camt052": camt052_file,
    "camt053": camt053_file,
    "camt054": camt054_file,
    "coda": coda_file,
    "cfonb120": cfonb120_file,
    "n43": n43_file,
    "tito": tito_file,
    "bai2": bai2_file,
    "qif": qif_file,
    "csv": csv_file,
    "1c": onec_file,
}
"""A file of that many entries, by the format's name, with its dialect: rich texts and parties, balances that close."""
