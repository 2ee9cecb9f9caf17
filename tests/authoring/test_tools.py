"""The rubric commands, used as a new user would."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from llmgrade.authoring.draft import sketch
from llmgrade.authoring.proofread import proofread
from llmgrade.authoring.stored import rebuilt
from llmgrade.authoring.suggestions import WrongAnswers, drafts
from llmgrade.cli.front import main
from llmgrade.grading import grade
from llmgrade.reading import read
from llmgrade.rubric.certificate import beside
from llmgrade.rubric.loading import diagnose_text, load, load_all, loads

RUBRIC = """\
llmgrade: 1
id: slope
symbols: {u: scalar, k: scalar > 0}
cues: [slope of the parabola, parabola]
parts:
  - id: a
    derive: {d: "k u^2", wrt: u}
    answer: 2 k u
    of: [s]
    pitfalls: [{id: factor, when: [k u], credit: 0.5, say: "The 2 is lost."}]
    tests: {correct: [u k 2], factor: [k u], reject: [k u^2]}
"""
RUBRICS = Path(__file__).parents[2] / "rubrics"


def run(*words: str | Path) -> Result:
    """One command."""
    return CliRunner().invoke(main, ["rubric", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def slope(tmp_path: Path) -> Path:
    """A small rubric in a file."""
    path = tmp_path / "slope.yaml"
    path.write_text(RUBRIC, encoding="utf-8")
    return path


def test_check_exits_with_two_where_there_is_a_mistake(slope: Path) -> None:
    assert run("check", slope).exit_code == 0
    slope.write_text(RUBRIC.replace("answer: 2 k u", "answer: 2 k u +"), encoding="utf-8")
    result = run("check", slope)
    assert result.exit_code == 2
    assert "slope.yaml:8:20" in result.output


def test_a_certificate_is_written_quoted_and_lost_with_an_edit(slope: Path) -> None:
    assert load(slope).certificate is None
    assert run("test", slope).exit_code == 0
    said = json.loads(beside(slope).read_text(encoding="utf-8"))
    assert said["version"] == load(slope).version
    told = load(slope).certificate
    assert told is not None
    assert told.startswith("certified: 3 tests, 1 of 1 answers derived")
    slope.write_text(RUBRIC.replace("The 2 is lost.", "Where is the 2?"), encoding="utf-8")
    assert load(slope).certificate is None


def test_a_report_quotes_the_certificate(slope: Path) -> None:
    run("test", slope)
    chat = slope.with_name("chat.md")
    chat.write_text("# User\n\nWhat is the slope of the parabola $k u^2$, by u?\n\n# Assistant\n\n$s = 2 k u$\n")
    result = CliRunner().invoke(main, ["score", str(chat), "--rubrics", str(slope), "--format", "json"])
    problems = json.loads(result.output)["problems"]
    assert [p["certificate"][:9] for p in problems] == ["certified"]


def test_what_is_not_proved_gets_no_certificate(slope: Path) -> None:
    run("test", slope)
    slope.write_text(RUBRIC.replace("factor: [k u]", "factor: [3 k u]"), encoding="utf-8")
    result = run("test", slope)
    assert result.exit_code == 1
    assert "NOT PROVED" in result.output
    assert not beside(slope).exists()


def test_preview_shows_each_step(slope: Path) -> None:
    result = run("preview", slope, "a", "$s = k u$")
    for word in ("expected", "read", "compared", "witness", "pitfall    factor", "The 2 is lost.", "0.5 of 1"):
        assert word in result.output
    result = run("preview", slope, "z", "1")
    assert result.exit_code == 2
    assert "has no part `z`" in result.stderr


def test_mutate_names_the_pitfall_each_mutant_hits(slope: Path) -> None:
    lines = [line.split() for line in run("mutate", slope).output.splitlines()]
    assert any(line[-1] == "u" and "factor" in line for line in lines)
    assert len(run("mutate", slope, "--unnamed").output.splitlines()) < len(lines)


def test_diff_tells_the_answers_that_change_and_the_rule(slope: Path, tmp_path: Path) -> None:
    other = tmp_path / "new" / "slope.yaml"
    other.parent.mkdir()
    other.write_text(RUBRIC.replace("credit: 0.5", "credit: 0.25"), encoding="utf-8")
    assert run("diff", slope, slope).exit_code == 0
    result = run("diff", slope, other)
    assert result.exit_code == 1
    assert "incorrect 0.5 [factor] -> incorrect 0.25 [factor]" in result.output
    assert "(pitfall factor)" in result.output


def test_a_batch_is_regraded_and_its_unexplained_answers_drafted(slope: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    rows = [("1", "$s = k u$"), ("2", "$s = 2 k$"), ("3", "$s = k 2$"), ("4", "$s = 2 k u$")]
    answers.write_text(
        "".join(json.dumps({"id": i, "problem": "slope", "part": "a", "answer": a}) + "\n" for i, a in rows)
    )
    out = tmp_path / "run"
    done = CliRunner().invoke(main, ["batch", str(answers), "--out", str(out), "--rubrics", str(slope)])
    assert done.exit_code in {0, 3}, done.output
    result = run("infer", out, "--rubrics", slope)
    assert "2 wrong answers of 1 kinds have no pitfall" in result.output
    assert "factor-dropped" in result.output
    other = tmp_path / "edited" / "slope.yaml"
    other.parent.mkdir()
    other.write_text(RUBRIC.replace("[k u], credit: 0.5", "[k u, 2 k], credit: 0.5"), encoding="utf-8")
    result = run("diff", slope, other, "--regrade", out)
    assert "2 of 4 answers change" in result.output


def test_a_group_of_wrong_answers_is_named_after_the_edit_that_makes_it() -> None:
    (draft,) = drafts(loads(RUBRIC), [WrongAnswers("a", "2 k", 7, "s = 2k")])
    assert draft.id == "factor-dropped"
    added = RUBRIC.replace(
        'say: "The 2 is lost."}]', 'say: "The 2 is lost."}, ' + draft.yaml()[2:].split("  #")[0] + "]"
    )
    assert [p.id for p in loads(added).parts[0].pitfalls] == ["factor", "factor-dropped"]


def test_a_draft_can_be_pasted_whatever_stands_in_its_answers() -> None:
    (draft,) = drafts(loads(RUBRIC), [WrongAnswers("a", "\\sqrt{k}", 1, '$\\sqrt{k}$, "so"')])
    added = RUBRIC.replace(
        'say: "The 2 is lost."}]', 'say: "The 2 is lost."}, ' + draft.yaml()[2:].split("  #")[0] + "]"
    )
    assert loads(added).parts[0].pitfalls[1].when == ("\\sqrt{k}",)
    assert draft.yaml().endswith("# 1 answer")


def test_a_folder_without_rubrics_is_no_success(tmp_path: Path) -> None:
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "without rubrics" in result.output


SOLUTIONS = {
    "markdown": "# Trace\n\nLet $A \\in \\mathbb{R}^{n \\times n}$.\n\n## (a) The sum\n\n$$s = 2 x^T A x$$\n\n## (b) It\n\n$t = 3 c$\n",
    "latex": "\\section*{Trace}\nLet $A \\in \\mathbb{R}^{n \\times n}$, $x \\in \\mathbb{R}^n$.\n\\subsection*{(a) The form}\n"
    "\\begin{equation} q = x^T A x \\end{equation}\n\\subsection*{(b) Its half}\n\\[ h = \\boxed{\\frac{1}{2} x^T A x} \\]\n",
    "text": "Trace\n\n(a) The sum\n$s = u + v$\n\n(b) The product\n$p = u v$\n",
    "nothing": "No formulas here at all.\n",
    "unreadable": "## (a) Odd\n\n$$x = )($$\n",
}


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_worked_solution_becomes_a_file_that_loads(name: str) -> None:
    made = sketch(SOLUTIONS[name], "trace")
    loaded = diagnose_text(made.text, "trace.yaml")
    assert [d.picture() for d in loaded.errors] == []
    assert "TODO" in made.text
    if name in {"markdown", "latex", "text"}:
        assert loaded.rubric is not None
        assert [part.id for part in loaded.rubric.parts] == ["a", "b"]
        assert made.answered == 2


def test_items_of_an_enumeration_are_parts_and_none_is_lost() -> None:
    made = sketch(
        "\\documentclass{article}\n\\title{A rod}\n\\begin{document}\nLet $L > 0$.\n\\begin{enumerate}\n\\item The rate is $r = n^2/L^2$.\n"
        "\\item[(b)] Its inverse:\n\\[ s = \\frac{L^2}{n^2} \\]\n\\item As $t \\to \\infty$ the rod is cold.\n\\end{enumerate}\n\\end{document}\n",
        "rod",
    )
    rubric = loads(made.text)
    assert rubric.title == "A rod"
    assert [part.id for part in rubric.parts] == ["a", "b", "c"]
    assert [getattr(part.expect[0], "answer", None) for part in rubric.parts] == ["n^2/L^2", "\\frac{L^2}{n^2}", None]
    assert "the rod is cold" in made.text
    assert diagnose_text(made.text).errors == ()


def test_an_answer_key_keeps_every_number_and_titles_tell_no_answers() -> None:
    made = sketch(
        "# Key\n\n1. $\\frac{d}{dx} x^2 = 2x$\n2. The slope is $3 k$.\n3. x = 5\n4. Yes, it converges.\n", "key"
    )
    rubric = loads(made.text)
    assert [part.id for part in rubric.parts] == ["1", "2", "3", "4"]
    assert [getattr(part.expect[0], "answer", None) for part in rubric.parts] == ["2x", "3 k", "5", None]
    assert rubric.parts[0].title == "TODO what is asked"
    assert rubric.parts[1].title == "The slope is"


def test_of_a_chat_the_question_lends_titles_and_declarations(tmp_path: Path) -> None:
    chat = {
        "messages": [
            {"role": "user", "content": "Let w and c in R^n. (a) The gradient of f by w? (b) Where is it zero?"},
            {"role": "assistant", "content": "## (a)\n$$\\nabla f(w) = w + c$$\n\n## (b)\nSo $w^* = -c$."},
        ]
    }
    (tmp_path / "chat.json").write_text(json.dumps(chat), encoding="utf-8")
    assert run("new", tmp_path / "zero.yaml", "--from", tmp_path / "chat.json").exit_code == 0
    rubric = load(tmp_path / "zero.yaml")
    assert [part.title for part in rubric.parts] == ["The gradient of f by w?", "Where is it zero?"]
    assert rubric.symbols["w"].is_ == "vector(n)"


def test_new_does_not_write_over_a_file(slope: Path, tmp_path: Path) -> None:
    source = tmp_path / "solution.md"
    source.write_text(SOLUTIONS["markdown"], encoding="utf-8")
    assert run("new", slope, "--from", source).exit_code == 2
    assert slope.read_text(encoding="utf-8") == RUBRIC
    assert run("new", tmp_path / "trace.yaml", "--from", source).exit_code == 0


@pytest.mark.parametrize("path", sorted(RUBRICS.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_shipped_rubric_has_a_certificate_of_this_content(path: Path) -> None:
    told = load(path).certificate
    assert told is not None, f"run: llmgrade rubric test {path}"


def test_the_shipped_schema_is_the_one_the_command_prints() -> None:
    assert json.loads(run("schema").output) == json.loads((RUBRICS / "rubric.schema.json").read_text(encoding="utf-8"))


def test_the_gallery_is_large_and_shows_the_kinds() -> None:
    rubrics = load_all([RUBRICS])
    assert len(rubrics) >= 16
    kinds = {item.kind for r in rubrics.values() for part in r.parts for item in part.expect}
    assert {"expression", "condition", "direction", "cases", "limit", "objective", "number", "choice"} <= kinds


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(RUBRICS.glob("*.yaml")), ids=lambda p: p.stem)
def test_a_shipped_rubric_has_no_mistakes(path: Path) -> None:
    assert [d.picture() for d in proofread(path).errors] == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs node")
def test_an_editor_completes_explains_and_marks(tmp_path: Path) -> None:
    here = Path(__file__).parent
    got = subprocess.run(
        ["npm", "install", "--silent", "yaml-language-server@1.18"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=120,
    )
    if got.returncode:
        pytest.skip("the language server is not to be had")
    shutil.copy(here / "language_server.js", tmp_path)
    asked = ["node", "language_server.js", str(RUBRICS / "rubric.schema.json"), str(RUBRICS / "vector-calculus.yaml")]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stdout)
    assert told["clean"] == []
    assert any("wehn" in message for message in told["broken"])
    assert {"answer", "pitfalls", "tests", "derive"} <= set(told["completion"])
    assert "derived" in told["hover"] or "derive" in told["hover"]


def test_whole_chats_are_regraded_attempt_by_attempt(slope: Path, tmp_path: Path) -> None:
    chat = tmp_path / "chat.md"
    chat.write_text(
        "User: The slope. (a) What is $s$?\n\nAssistant: (a) $s = k u$\n\nUser: Is the 2 there?\n\nAssistant: (a) I lost it: $s = 2 k u$\n",
        encoding="utf-8",
    )
    asked = RUBRIC.replace("cues: [slope of the parabola, parabola]\n", "cues: [slope]\nvotes: 1\n", 1)
    slope.write_text(asked, encoding="utf-8")
    out = tmp_path / "run"
    done = CliRunner().invoke(main, ["batch", str(chat), "--out", str(out), "--rubrics", str(slope)])
    assert done.exit_code == 0, done.output
    other = tmp_path / "edited" / "slope.yaml"
    other.parent.mkdir()
    other.write_text(asked.replace("credit: 0.5", "credit: 0.25"), encoding="utf-8")
    result = run("diff", slope, other, "--regrade", out)
    assert "1 of 2 answers change" in result.output, result.output  # the first attempt, and not the second
    assert "incorrect 0.5 [factor] -> incorrect 0.25 [factor]" in result.output
    assert run("diff", slope, slope, "--regrade", out).exit_code == 0


def test_a_report_holds_enough_of_its_chat_to_be_graded_anew(tmp_path: Path) -> None:
    rubrics = load_all([RUBRICS])
    chat = tmp_path / "chat.md"
    chat.write_text(
        "User: Ridge: minimise $\\|y-Xw\\|^2+\\lambda\\|w\\|^2$. (a) minimiser? (g) $\\lambda\\to\\infty$?\n\n"
        "Assistant: (a)\n\n$$w = (X^TX+\\lambda I)^{-1}X^Ty$$\n\n| part | answer |\n|---|---|\n| (g) | $w\\to 0$ |\n",
        encoding="utf-8",
    )
    (transcript,) = read(chat)
    report = grade(transcript, rubrics, seed="s")
    again = rebuilt(report)
    assert again is not None
    (before,), (after,) = report.problems, grade(again, rubrics, seed="s").problems
    assert [(p.id, p.final) for p in after.parts] == [(p.id, p.final) for p in before.parts]
    assert {p.final for p in before.parts} == {"correct"}
