"""An embedded Odoo double for tests and first steps: real HTTP on loopback, versions 14 and 19, faults on request."""

from oimkit.sandbox.database import Login
from oimkit.sandbox.faults import Fault, FaultBoard, FaultKind, When, parse_fault
from oimkit.sandbox.server import Sandbox

__all__ = ["Fault", "FaultBoard", "FaultKind", "Login", "Sandbox", "When", "parse_fault"]
