"""The live ring: real Odoo servers installed from Debian's packages, and the tests that run against them."""
