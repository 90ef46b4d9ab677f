"""Tests of fixtures and reports."""
