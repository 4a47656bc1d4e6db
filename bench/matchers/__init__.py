"""What the matching engine is measured beside: two plain matchers, and one measured run of each."""
