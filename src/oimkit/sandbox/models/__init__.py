"""The models with behaviour of their own, one module for each part of the path; ``registry`` names them all."""
