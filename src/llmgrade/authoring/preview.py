"""``rubric preview``: how one answer is read and judged, step by step."""

from __future__ import annotations

from collections.abc import Iterator

from llmgrade.grading import judge_answer
from llmgrade.limits import Limits
from llmgrade.report.making import evidence_report
from llmgrade.rubric.model import Rubric

__all__ = ["preview"]


def preview(rubric: Rubric, part: str, answer: str, prompt: str = "", limits: Limits | None = None) -> Iterator[str]:
    """Lines for a person. Raises KeyError for no such part."""
    chosen = rubric.part(part)
    transcript, judged = judge_answer(rubric, part, answer, prompt=prompt, limits=limits or Limits(), seed="preview")
    yield f"part {chosen.id}: {chosen.title or rubric.title or rubric.id}, {chosen.points:g} point(s)"
    for item in chosen.expect:
        told = getattr(item, "answer", None)
        if isinstance(told, str):
            yield f"expected   {item.id}: {told}"
    if judged is None:
        yield "read       nothing in it was found that answers the part"
        return
    for claim in judged.claims:
        how = f" as {claim.reading}" if claim.reading and claim.reading != claim.text else ""
        role = "" if claim.decisive else " (beside the answer)"
        yield f"read       “{claim.text}”{how}{role}"
        told = evidence_report(claim.evidence)
        yield f"compared   {claim.verdict.value}, {told.method}: {told.detail}"
        if told.witness:
            yield "witness    " + ", ".join(f"{name} = {value}" for name, value in told.witness.items())
    for name in judged.pitfalls:
        pitfall = next((p for p in rubric.pitfalls_of(chosen) if p.id == name), None)
        yield f"pitfall    {name}" + (f", credit {pitfall.credit:g}" if pitfall else "")
    for line in (*judged.feedback, *judged.reasons):
        yield f"feedback   {line}"
    yield f"verdict    {judged.verdict.value}, {judged.credit * chosen.points:g} of {chosen.points:g}"
    del transcript
