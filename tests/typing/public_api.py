"""The public face, used as a stranger would; type-checked, never run."""

from __future__ import annotations

import llmgrade

version: str = llmgrade.__version__
