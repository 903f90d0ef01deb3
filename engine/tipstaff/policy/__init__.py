"""The policy: packs of criteria and rules, their expressions, and the checks made when they are loaded."""
