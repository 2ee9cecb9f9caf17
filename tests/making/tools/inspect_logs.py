"""Logs as Inspect AI writes them, with its mock model: a tool call, reasoning, an answer cut off; as .eval and as JSON.

pip install inspect-ai
python inspect_logs.py FOLDER
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageAssistant, ContentReasoning, ContentText, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate, system_message, use_tools
from inspect_ai.tool import tool

ASKED = r"What minimises $\|Xw-y\|^2+\lambda\|w\|^2$?"
ANSWERED = r"So the minimiser is $$\hat w=(X^\top X+\lambda I)^{-1}X^\top y.$$"


@tool
def calculator():
    async def execute(expression: str) -> str:
        """Calculate.

        Args:
            expression: what to calculate
        """
        return "4"

    return execute


def outputs() -> Iterator[ModelOutput]:
    used = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)  # without it the mock model wants a tokenizer
    first = ModelOutput.for_tool_call("mockllm/model", "calculator", {"expression": "2+2"})
    spoken = ChatMessageAssistant(
        content=[ContentReasoning(reasoning="Perhaps $w=X^{-1}y$?"), ContentText(text=ANSWERED)]
    )
    second = ModelOutput(model="mockllm/model", choices=[{"message": spoken, "stop_reason": "stop"}])
    third = ModelOutput.from_content("mockllm/model", "It tends to $w=0$ and", stop_reason="max_tokens")
    for output in (first, second, third):
        output.usage = used
        yield output


def main(folder: Path) -> None:
    os.chdir(Path(__file__).parent)  # the log names this file as seen from here
    logs = tempfile.mkdtemp()
    for form in ("eval", "json"):
        task = Task(
            dataset=[Sample(input=ASKED, target="ridge", id="ridge")],
            solver=[system_message("Be brief."), use_tools(calculator()), generate()],
            scorer=includes(),
            epochs=2,
        )
        model = get_model("mockllm/model", custom_outputs=outputs())
        (log,) = eval(task, model=model, log_format=form, log_dir=logs, display="none", max_samples=1)
        shutil.copy(log.location, folder / f"inspect.{form}")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
