"""Comparing two audits, each as a snapshot."""
