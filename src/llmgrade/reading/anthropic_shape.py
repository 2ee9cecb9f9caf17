"""What Anthropic's API answers: an object of ``type: message`` whose ``content`` is a list of blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgrade.reading.blocks import CUT_OFF, fill
from llmgrade.reading.conversation import Message
from llmgrade.reading.fields import string
from llmgrade.transcript.model import Role

__all__ = ["answer"]


def answer(value: Mapping[str, Any], pointer: str) -> Message:
    """The assistant's message."""
    made = Message(Role.ASSISTANT, pointer=pointer)
    fill(made, value, pointer)
    made.cut_off = string(value.get("stop_reason")) in CUT_OFF
    return made
