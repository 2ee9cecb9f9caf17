"""Samples as lm-evaluation-harness logs them, from its dummy model and from one that answers: two filters, two repeats.

pip install lm-eval
python lm_eval_samples.py FOLDER
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

ANSWERS = {
    "minimises": r"Setting the gradient to zero, $$\hat w=(X^\top X+\lambda I)^{-1}X^\top y.$$",
    "infty": r"Then $\hat w\to 0$.",
}
QUESTIONS = [r"What minimises $\|Xw-y\|^2+\lambda\|w\|^2$?", r"And as $\lambda\to\infty$?"]
TASK = """task: ridge_own
dataset_path: json
dataset_kwargs: {data_files: {test: task/ridge.jsonl}}
test_split: test
output_type: generate_until
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{answer}}"
repeats: 2
generation_kwargs: {until: ["\\n\\n"]}
filter_list:
  - {name: first, filter: [{function: take_first}]}
  - {name: strip, filter: [{function: remove_whitespace}, {function: take_first}]}
metric_list:
  - {metric: exact_match, aggregation: mean, higher_is_better: true}
"""


def main(folder: Path) -> None:
    os.chdir(tempfile.mkdtemp())
    os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    Path("task").mkdir()
    Path("task/ridge.yaml").write_text(TASK)
    rows = [{"question": question, "answer": "ridge"} for question in QUESTIONS]
    Path("task/ridge.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    from lm_eval.__main__ import cli_evaluate
    from lm_eval.api.registry import register_model
    from lm_eval.models.dummy import DummyLM

    @register_model("says")
    class Says(DummyLM):
        tokenizer_name = "own"

        def generate_until(self, requests, **more):
            return [next(said for key, said in ANSWERS.items() if key in request.args[0]) for request in requests]

        def chat_template(self, chat_template=False):
            return "chatml"

        def apply_chat_template(self, history, add_generation_prompt=True):
            told = "".join(f"<|im_start|>{each['role']}\n{each['content']}<|im_end|>\n" for each in history)
            return told + "<|im_start|>assistant\n"

    for name, model, more in (
        ("dummy", "dummy", []),
        ("plain", "says", []),
        ("chat", "says", ["--apply_chat_template", "--system_instruction", "Be brief."]),
    ):
        sys.argv = ["lm_eval", "--model", model, "--include_path", "task", "--tasks", "ridge_own", "--output_path", name, "--log_samples", *more]  # fmt: skip
        cli_evaluate()
        (samples,) = Path(name).glob("*/samples_*.jsonl")
        shutil.copy(samples, folder / f"lm_eval_{name}.jsonl")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
