"""Compilation, as `enterprise.compiled` does it."""

from __future__ import annotations

from enterprise.compiled import compiled

__all__ = ["compiled"]
