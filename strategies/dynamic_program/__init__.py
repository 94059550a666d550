"""An exact dynamic programme over counted stages."""
