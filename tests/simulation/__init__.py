"""The client in a world that is a number: network, clock, crashes and other writers all follow from one seed."""
