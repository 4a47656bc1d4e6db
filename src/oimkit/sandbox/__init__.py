"""An embedded Odoo double for tests and first steps: real HTTP on loopback, versions 14 to 19, faults on request."""

from oimkit.sandbox.database import Login
from oimkit.sandbox.faults import Fault, FaultBoard, FaultKind, FaultPlan, When, parse_fault, parse_rate
from oimkit.sandbox.server import Sandbox

__all__ = ["Fault", "FaultBoard", "FaultKind", "FaultPlan", "Login", "Sandbox", "When", "parse_fault", "parse_rate"]
