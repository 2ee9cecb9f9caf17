"""Statements × rubrics → attempts: which problem a stretch of the chat is about, which part each statement answers.

Labels lead: a statement under ``(b)(ii)`` answers what the person listed as ``(b)(ii)``, and that item is matched to a
rubric's part by its words, so that re-lettered tasks work. Where no label stands, the name on the left of an equation,
the conditions of a table's row, or the one part the person just asked about decide; else the statement is nobody's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llmgrade.attempts.model import Attempt, Prompt, PromptKind
from llmgrade.attempts.prompts import Message, Segment, kind_of, mentioned, message_of, numerals
from llmgrade.attempts.renaming import renaming
from llmgrade.attempts.spelling import Speller, speller
from llmgrade.attempts.stated import split_claims, split_members, unboxed
from llmgrade.attempts.unheard import answer_in_question, earlier_go
from llmgrade.claims.asking import numbered_by_digits
from llmgrade.claims.model import Manner, Standing, Statement
from llmgrade.limits import Limits
from llmgrade.rubric.model import Direction, Expression, Limit, Objective, Part, Rubric, Rubrics
from llmgrade.rubric.phrases import find_phrase, fold, phrase_pattern
from llmgrade.source import Span
from llmgrade.transcript.model import Formula, Piece, Role, Table, Transcript, Turn

__all__ = ["attribute"]

_LABEL_BONUS = 3.0
_SILENT = frozenset({Standing.REJECTED, Standing.WITHDRAWN, Standing.RESTATED})


@dataclass
class _Problem:
    """A problem as this chat has it: the rubric, and which item of the task is which part."""

    rubric: Rubric
    turn: int
    name: str | None = None
    items: dict[tuple[str, ...], Part] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """What was asked of each part."""
    asked: dict[str, None] = field(default_factory=dict)
    """Parts that were asked for, in order."""
    renamed: dict[str, str] = field(default_factory=dict)


_LIMITS = Limits()


def attribute(
    transcript: Transcript, statements: Sequence[Statement], rubrics: Rubrics, limits: Limits = _LIMITS
) -> tuple[Attempt, ...]:
    """Every attempt at every part of every problem in the chat, in the order of rubrics, parts and turns.

    A part that was asked and never answered comes as one attempt without a turn.
    """
    return _Attribution(transcript, statements, rubrics, limits).run()


class _Attribution:
    def __init__(
        self, transcript: Transcript, statements: Sequence[Statement], rubrics: Rubrics, limits: Limits
    ) -> None:
        self.transcript, self.rubrics, self.limits = transcript, rubrics, limits
        self.by_turn: dict[int, list[Statement]] = defaultdict(list)
        for statement in statements:
            self.by_turn[statement.turn].append(statement)
        self.problems: list[_Problem] = []
        self.found: dict[tuple[str, str], dict[int, list[Statement]]] = defaultdict(lambda: defaultdict(list))
        self.messages: dict[int, Message] = {}
        self._names_cache: dict[int, frozenset[str]] = {}
        self._shaky: frozenset[tuple[int, int | None]] | None = None
        self._digits = numbered_by_digits(transcript)

    def run(self) -> tuple[Attempt, ...]:
        turns = self.transcript.current
        message: Message | None = None
        new: list[_Problem] = []
        for rank, turn in enumerate(turns):
            if turn.role is Role.USER:
                message = message_of(turn, self.transcript.source, digits=self._digits)
                self.messages[turn.index] = message
                new = self._open(message, self._reply(turns, rank))
            elif turn.role is Role.ASSISTANT:
                if message is None and not self.problems:
                    new = self._guess(turn)
                self._place(turn, message, new)
        return self._attempts()

    # ------------------------------------------------------------------------------------------- which problem

    def _reply(self, turns: Sequence[Turn], rank: int) -> str:
        for turn in turns[rank + 1 :]:
            if turn.role is Role.USER:
                break
            if turn.role is Role.ASSISTANT:
                return self.transcript.source[turn.span]
        return ""

    def _open(self, message: Message, reply: str) -> list[_Problem]:
        """The problems a message poses anew; a follow-up poses none."""
        opened: list[_Problem] = []
        segments = message.segments
        for segment in segments:
            chosen = self._rubric_for(segment, reply if len(segments) == 1 else "")
            if chosen is None:
                continue
            rubric, names = chosen
            if any(problem.rubric.id == rubric.id for problem in opened):
                continue
            problem = _Problem(rubric, message.turn, segment.name, renamed=dict(names))
            self._match_items(problem, _respelled(segment, rubric, names))
            known = next((p for p in self.problems if p.rubric.id == rubric.id), None)
            if known is not None:
                if not problem.items or len(segment.items) < 2:
                    continue
                known.items.update(problem.items)
                known.name = segment.name or known.name
                for part, texts in problem.texts.items():
                    known.texts[part].extend(texts)
                known.asked.update(problem.asked)
                known.renamed.update(problem.renamed)
                problem = known
            opened.append(problem)
        for problem in opened:
            if problem not in self.problems:
                self.problems.append(problem)
        return opened

    def _guess(self, turn: Turn) -> list[_Problem]:
        """A chat that begins with an answer: its own words tell the problem."""
        text = self.transcript.source[turn.span]
        rubric = self._best(text)
        if rubric is None:
            return []
        problem = _Problem(rubric, turn.index)
        for part in rubric.parts:
            problem.items[part.path] = part
        self.problems.append(problem)
        return [problem]

    def _rubric_for(self, segment: Segment, reply: str) -> tuple[Rubric, Mapping[str, str]] | None:
        found = self._best_segment(segment)
        if found is not None:
            return found
        if len(segment.items) >= 2 and reply:
            # A bare list of items: what the answer talks about may tell, but the items must fit too.
            likely = self._best(reply)
            if likely is not None and self._votes(likely, segment.text) >= 1:
                return likely, {}
        return None

    def _best_segment(self, segment: Segment) -> tuple[Rubric, Mapping[str, str]] | None:
        """The rubric a task speaks of, in its own letters or the chat's."""
        formulas = _LATEX.findall(segment.text)
        ranked: list[tuple[float, Rubric, Mapping[str, str]]] = []
        laid = {rubric.id: renaming(rubric, formulas, self.limits, segment.text) for rubric in self.rubrics.values()}
        most = max((found.weight for found in laid.values()), default=0) or 1
        for rubric in self.rubrics.values():
            found = laid[rubric.id]
            text = _respelled(segment, rubric, found.names).text if found.names else segment.text
            votes = self._votes(rubric, text) + (2 if found.weight >= _TELLING else 0)
            if votes < rubric.votes:
                continue
            fits = sum(1 for part in rubric.parts if find_phrase(part.cues, text))
            score = votes / (2 + len(rubric.cues)) + fits / len(rubric.parts) + 0.5 * found.weight / most
            ranked.append((score, rubric, found.names))
        ranked.sort(key=lambda entry: -entry[0])
        return (ranked[0][1], ranked[0][2]) if ranked else None

    def _best(self, text: str) -> Rubric | None:
        ranked = []
        for rubric in self.rubrics.values():
            votes = self._votes(rubric, text)
            fits = sum(1 for part in rubric.parts if find_phrase(part.cues, text))
            if votes >= rubric.votes:
                ranked.append((votes / max(1, len(rubric.cues)) + fits / len(rubric.parts), rubric))
        ranked.sort(key=lambda entry: -entry[0])
        return ranked[0][1] if ranked else None

    def _votes(self, rubric: Rubric, text: str) -> int:
        folded, raw = fold(text), " ".join(text.split())
        return sum(1 for cue in rubric.cues if phrase_pattern(cue).search(folded) or phrase_pattern(cue).search(raw))

    def _match_items(self, problem: _Problem, segment: Segment) -> None:
        """Items of the task → parts of the rubric, by words and labels together, each part once."""
        rubric = problem.rubric
        leaves = [item for item in segment.items if not any(_under(other.path, item.path) for other in segment.items)]
        if not leaves:
            self._match_words(problem, segment)
            return
        counts: dict[str, int] = {
            cue: sum(1 for item in leaves if _hit(cue, item.text)) for part in rubric.parts for cue in part.cues
        }
        scored = []
        for rank, item in enumerate(leaves):
            for order, part in enumerate(rubric.parts):
                words = sum(
                    (2.0 if counts[cue] == 1 else 1.0) for cue in part.cues if counts[cue] and _hit(cue, item.text)
                )
                label = (
                    _LABEL_BONUS
                    if item.path == part.path
                    else 0.6 * _LABEL_BONUS
                    if _agree(item.path, part.path)
                    else 0.0
                )
                if len(leaves) == len(rubric.parts) and rank == order:
                    label = max(label, 0.5 * _LABEL_BONUS)
                if words or item.path == part.path:
                    scored.append((words + (2.0 if words else 0.0) + label, words, -abs(rank - order), rank, part))
        taken_items: set[int] = set()
        taken_parts: set[str] = set()
        for _, _, _, rank, part in sorted(scored, key=lambda entry: entry[:3], reverse=True):
            if rank in taken_items or part.id in taken_parts:
                continue
            taken_items.add(rank)
            taken_parts.add(part.id)
            problem.items[leaves[rank].path] = part
        for item in leaves:
            found = problem.items.get(item.path)
            if found is not None:
                problem.texts[found.id].append(item.text)
        for part in rubric.parts:
            if part.id in taken_parts:
                problem.asked[part.id] = None

    def _match_words(self, problem: _Problem, segment: Segment) -> None:
        """A task without labels: parts are known by words; they are asked for only where words say so."""
        for part in problem.rubric.parts:
            if find_phrase(part.cues, segment.text):
                problem.texts[part.id].append(segment.text)

    # ----------------------------------------------------------------------------------------------- which part

    def _place(self, turn: Turn, message: Message | None, new: list[_Problem]) -> None:
        context = new or self._active(message, self.transcript.source[turn.span])
        if not context:
            return
        statements = self.by_turn.get(turn.index, [])
        if not new and len(context) < len(self.problems):
            # A reply that names several problems by their names is cut at them.
            told = {fold(s.label.problem) for s in statements if s.label.problem is not None}
            if any(p.name and fold(p.name) in told for p in self.problems if p not in context):
                context = [p for p in self.problems if p in context or (p.name and fold(p.name) in told)]
        named = self._named(message, context) if not new else []
        assigned = self._segments_of(statements, context)
        sections: dict[tuple[int, tuple[str, ...]], Part | None] = {}
        for statement, problem in zip(statements, assigned, strict=True):
            if problem is None:
                continue
            key = (id(problem), statement.label.path)
            if key not in sections:
                section = [
                    s
                    for s, p in zip(statements, assigned, strict=True)
                    if p is problem and s.label.path == statement.label.path
                ]
                sections[key] = self._part_of_label(statement.label.path, section, problem, named)
            part = sections[key]
            if part is not None:
                part = self._rerouted(statement, part, problem)
            else:
                part = self._part_without_label(statement, problem, named)
            if part is not None:
                self.found[problem.rubric.id, part.id][turn.index].append(statement)

    def _active(self, message: Message | None, reply: str) -> list[_Problem]:
        """The problem a follow-up is about: the latest, unless its labels or words, or the answer's, speak for another."""
        latest = list(reversed(self.problems))
        if message is None or len(latest) < 2:
            return latest[:1]
        paths = mentioned(message.text, digits=self._digits)
        if paths:
            latest = [p for p in latest if all(self._resolve(path, p) for path in paths)] or latest
        told = [p for p in latest if self._votes(p.rubric, message.text) >= p.rubric.votes]
        if len(told) == 1:
            return told
        latest.sort(key=lambda p: -round(self._votes(p.rubric, reply) / len(p.rubric.cues), 1))
        return latest[:1]

    def _named(self, message: Message | None, context: list[_Problem]) -> list[Part]:
        """The parts a follow-up names, by label or by words."""
        if message is None or not context:
            return []
        found: dict[str, Part] = {}
        for path in mentioned(message.text, digits=self._digits):
            options = self._resolve(path, context[0])
            if len(options) > 1:
                fit = [part for part in options if find_phrase(_subjects(part), message.text)]
                options = fit or options
            for part in options[:1]:
                found[part.id] = part
        return list(found.values())

    def _segments_of(self, statements: Sequence[Statement], context: list[_Problem]) -> list[_Problem | None]:
        """Which problem each statement is about, where a message posed several."""
        if len(context) == 1:
            return [context[0]] * len(statements)
        assigned: list[_Problem | None] = []
        current = 0
        last: tuple[str, ...] = ()
        for statement in statements:
            label = statement.label
            if label.problem is not None:
                number = numerals(label.problem)
                for rank, problem in enumerate(context):
                    if problem.name and (
                        fold(problem.name) == fold(label.problem)
                        or (number is not None and numerals(problem.name) == number)
                    ):
                        current, last = rank, ()
                        break
                else:
                    if number is not None and number <= len(context):
                        current, last = number - 1, ()
            elif (
                label.path
                and last
                and _before(label.path, last)
                and current + 1 < len(context)
                and label.path[0] in {"a", "1"}
            ):
                current += 1
            if label.path:
                last = label.path
            assigned.append(context[current])
        return assigned

    def _resolve(self, path: tuple[str, ...], problem: _Problem) -> list[Part]:
        """The parts a label may mean in this problem, likeliest first."""
        if not path:
            return []
        exact = problem.items.get(path)
        if exact is not None:
            return [exact]
        items = problem.items or {part.path: part for part in problem.rubric.parts}
        by_end = [part for key, part in items.items() if key[-len(path) :] == path]
        if by_end:
            return by_end
        if len(path) > 1:
            shorter = items.get(path[:1]) or next(
                (part for key, part in items.items() if path[-len(key) :] == key), None
            )
            if shorter is not None and not any(key[:1] == path[:1] and len(key) > 1 for key in items):
                return [shorter]
        if problem.items and len(path) == 1:
            inside = [part for key, part in items.items() if key[:1] == path]
            if len(inside) == 1:
                return inside
        if not problem.items:
            return [part for part in problem.rubric.parts if part.path == path]
        return []

    def _part_of_label(
        self, path: tuple[str, ...], section: Sequence[Statement], problem: _Problem, named: list[Part]
    ) -> Part | None:
        options = self._resolve(path, problem)
        if len(options) <= 1:
            return options[0] if options else None
        ranked = sorted(options, key=lambda part: (part not in named, -self._fit(part, section)))
        return ranked[0]

    def _fit(self, part: Part, section: Sequence[Statement]) -> float:
        """How well a section's statements look like answers to a part."""
        kinds = {item.kind for item in part.expect}
        score = 0.0
        for statement in section:
            if statement.manner is Manner.DIRECTION:
                score += 2.0 if "direction" in kinds else -1.0
            elif statement.manner is Manner.FORMULA and "direction" not in kinds:
                score += 0.3
            title = f"{statement.label.title} {statement.condition or ''}"
            if title.strip() and find_phrase(part.cues, title):
                score += 1.0
            if self._names_item(statement, part):
                score += 1.0
        return score

    def _part_without_label(self, statement: Statement, problem: _Problem, named: list[Part]) -> Part | None:
        asked = [problem.rubric.part(name) for name in problem.asked] or list(problem.rubric.parts)
        words = f"{statement.label.title}"
        if words.strip():
            fitting = [part for part in asked if find_phrase(part.cues, words)]
            if statement.manner is Manner.DIRECTION:
                fitting = [part for part in fitting if any(isinstance(item, Direction) for item in part.expect)]
            if len(fitting) == 1:
                return fitting[0]
        if statement.boxed or statement.final:
            owners = [part for part in asked if self._names_item(statement, part, strict=True)]
            if len(owners) == 1:
                return owners[0]
        if len(named) == 1:
            return named[0]
        if len(named) > 1:
            fitting = [part for part in named if self._fit(part, [statement]) > 0.5]
            if len(fitting) == 1:
                return fitting[0]
            if statement.condition:
                by_case = [part for part in named if find_phrase(part.cues, statement.condition)]
                if len(by_case) == 1:
                    return by_case[0]
            return None
        if len(asked) == 1:
            return asked[0]
        if problem.items and statement.turn != self._first_answer(problem):
            return None
        if not problem.items:
            context = f"{statement.context} {statement.condition or ''}"
            by_words = [(sum(1 for cue in part.cues if _hit(cue, context)), part) for part in asked]
            best = max((n for n, _ in by_words), default=0)
            fitting = [part for n, part in by_words if n == best and n > 0]
            if len(fitting) == 1:
                return fitting[0]
        return None

    def _first_answer(self, problem: _Problem) -> int:
        return next(
            (t.index for t in self.transcript.current if t.role is Role.ASSISTANT and t.index > problem.turn), -1
        )

    def _rerouted(self, statement: Statement, part: Part, problem: _Problem) -> Part:
        """A boxed result under one label whose name is another part's: the recap of that part."""
        if not statement.boxed or self._names_item(statement, part, strict=True):
            return part
        others = [
            other
            for name in problem.asked
            if (other := problem.rubric.part(name)) is not part and self._names_item(statement, other, strict=True)
        ]
        return others[0] if len(others) == 1 else part

    def _names_item(self, statement: Statement, part: Part, *, strict: bool = False) -> bool:
        """Whether what stands left of the equals sign is what an item of the part is called."""
        if statement.latex is None:
            return False
        spell = self._speller(part)
        names = self._item_names(part, spell)
        if strict:
            names = frozenset(name for name in names if _telling(name))
        if not names:
            return False
        for text, _ in split_claims(unboxed(statement.latex)):
            members, ops = split_members(text)
            if ops and any(_bare(spell.spell(member)) in names for member in members[:-1]):
                return True
        return False

    def _speller(self, part: Part) -> Speller:
        problem = next(p for p in self.problems if any(part is one for one in p.rubric.parts))
        return speller(problem.rubric.symbols_of(part), problem.renamed)

    def _item_names(self, part: Part, spell: Speller) -> frozenset[str]:
        known = self._names_cache.get(id(part))
        if known is None:
            names = [
                name
                for item in part.expect
                if isinstance(item, Expression | Limit | Objective) or hasattr(item, "of")
                for name in getattr(item, "of", ())
            ]
            known = frozenset(_bare(spell.spell(name)) for name in names)
            self._names_cache[id(part)] = known
        return known

    # ------------------------------------------------------------------------------------------------- attempts

    def _attempts(self) -> tuple[Attempt, ...]:
        found: list[Attempt] = []
        seen: set[str] = set()
        for problem in self.problems:
            if problem.rubric.id in seen:
                continue
            seen.add(problem.rubric.id)
            for part in problem.rubric.parts:
                found.extend(self._attempts_at(problem, part))
        return tuple(found)

    def _attempts_at(self, problem: _Problem, part: Part) -> list[Attempt]:
        turns = self.found.get((problem.rubric.id, part.id), {})
        made: list[Attempt] = []
        asked = " ".join(problem.texts.get(part.id, ()))
        for index in sorted(turns):
            kept = [s for s in turns[index] if s.standing not in _SILENT]
            if not kept:
                continue
            span = Span.cover(s.span for s in kept)
            made.append(
                Attempt(
                    problem.rubric,
                    part,
                    len(made) + 1,
                    index,
                    tuple(kept),
                    self._prompt(problem, part, index) if made else None,
                    self._asked_until(problem, part, asked, index),
                    self._objection(problem, part, index),
                    problem.renamed,
                    self._said_before(problem, part, index),
                    span,
                    self._unsure(kept),
                    earlier_go(kept, self.transcript.turns[index]),
                    not made and answer_in_question(self.transcript, index),
                    self._scattered(kept),
                )
            )
        if not made and part.id in problem.asked:
            made.append(Attempt(problem.rubric, part, 1, None, asked=asked, renamed=problem.renamed))
        return made

    def _said_before(self, problem: _Problem, part: Part, turn: int) -> dict[str, str]:
        """The last formula stated for each part this one follows from."""
        said = {}
        for follow in part.follow:
            turns = self.found.get((problem.rubric.id, follow.from_), {})
            known = [
                s
                for index in sorted(turns)
                if index <= turn
                for s in turns[index]
                if s.latex and s.standing not in _SILENT
            ]
            final = [s for s in known if s.boxed or s.final] or known
            if final and final[-1].latex is not None:
                said[follow.from_] = final[-1].latex
        return said

    def _scattered(self, statements: Sequence[Statement]) -> bool:
        """Whether an answer stands on a page with pieces of formulas, or has a formula nobody could read."""
        source = self.transcript.source
        if self._shaky is None:
            self._shaky = _shaky_pages(self.transcript)
        return any(
            (s.turn, source.page_of(s.span.start)) in self._shaky
            or (s.formula is not None and bool(s.formula.lines) and _is_broken(s.formula))
            for s in statements
        )

    def _unsure(self, statements: Sequence[Statement]) -> frozenset[int]:
        """Statements whose formula stands on a page, or in an answer, with pieces of formulas left over."""
        if self._shaky is None:
            self._shaky = _shaky_pages(self.transcript)
        torn = any(s.formula is not None and s.formula.lines and _is_broken(s.formula) for s in statements)
        if not self._shaky and not torn:
            return frozenset()
        source = self.transcript.source
        return frozenset(
            s.order
            for s in statements
            if s.formula is not None
            # A formula that names what it states is itself its place, if it is all there.
            and not (s.latex and re.search(r"=|\\to(?![a-z])|→", s.latex) and not _is_broken(s.formula))
            and s.formula.lines
            and (torn or (s.turn, source.page_of(s.formula.span.start)) in self._shaky)
        )

    def _asked_until(self, problem: _Problem, part: Part, asked: str, turn: int) -> str:
        later = [
            m.text for index, m in self.messages.items() if problem.turn < index < turn and not m.segments[0].items
        ]
        return " ".join([asked, *later[-3:]])

    def _prompt(self, problem: _Problem, part: Part, turn: int) -> Prompt | None:
        before = [index for index in self.messages if index < turn]
        if not before:
            return None
        message = self.messages[max(before)]
        give = [
            fold(word)
            for item in part.expect
            if isinstance(item, Direction)
            for word in (item.answer,)
            if word != "either"
        ]
        kind = kind_of(message.text, (f" {word}" for word in give) if self._concerns(message, part, problem) else ())
        return Prompt(
            message.turn, kind if message.turn != problem.turn else PromptKind.QUESTION, message.text, message.span
        )

    def _concerns(self, message: Message, part: Part, problem: _Problem) -> bool:
        paths = mentioned(message.text, digits=self._digits)
        return not paths or any(part in self._resolve(path, problem) for path in paths)

    def _objection(self, problem: _Problem, part: Part, turn: int) -> str:
        """The person's next message, where it may be about this part's answer."""
        after = [index for index in self.messages if index > turn]
        if not after:
            return ""
        message = self.messages[min(after)]
        if sum(len(segment.items) for segment in message.segments) >= 3:
            return ""
        return message.text if self._concerns(message, part, problem) else ""


_LATEX = re.compile(r"\$([^$]+)\$")
_TELLING = 8
"""From this size on a formula of the setup tells the problem by itself."""


_DIFFERENTIAL = re.compile(r"\bd|d\s*\\?[A-Za-z]|\\mathrm\{d\}")
_DANGLING = re.compile(r"\\,\s*d\s*(?:[a-z]|\\[a-z]+)(?![a-z])")
_LEFT_OVER = re.compile(
    r"^(?:\^?\{?(?:T|\\top|\\dagger|-1|\\prime|')\}?|\\partial\s*\w?|[=+\-−]|\\sqrt\{\w\}|\\vec\{.*\}|.*[=+(\[]|[)\]}].*|\\frac\{[^\w\\]?\}.*)$",
    re.DOTALL,
)


def _shaky_pages(transcript: Transcript) -> frozenset[tuple[int, int | None]]:
    """Turns and pages on which several formulas are no formulas: what was torn there could not be put together."""
    whole: dict[tuple[int, int | None], int] = defaultdict(int)
    broken: dict[tuple[int, int | None], int] = defaultdict(int)
    for turn in transcript.current:
        for formula in _formulas(turn.pieces):
            if not formula.lines:
                continue
            key = (turn.index, transcript.source.page_of(formula.span.start))
            whole[key] += 1
            # A hole without a formula moves every other on its page: by itself it makes the page doubtful.
            broken[key] += _is_broken(formula) if formula.written else 2 + whole[key]
    return frozenset(key for key, count in broken.items() if count >= 2 and count >= 0.1 * whole[key])


def _is_broken(formula: Formula) -> bool:
    """Whether a torn-out formula was not read, or what was read is a piece of one."""
    latex = formula.latex
    if latex is None or _LEFT_OVER.match(latex.strip()) or not _balanced(latex):
        return True
    # An integral that is read whole says over what, and a differential behind a space has its integral.
    _, sign, integral = latex.rpartition("\\int")
    return not _DIFFERENTIAL.search(integral) if sign else bool(_DANGLING.search(latex))


def _formulas(pieces: Sequence[Piece]) -> Iterator[Formula]:
    for piece in pieces:
        if isinstance(piece, Formula):
            yield piece
        elif isinstance(piece, Table):
            for row in piece.rows:
                for cell in row:
                    yield from _formulas(cell)


def _balanced(latex: str) -> bool:
    bare = re.sub(r"\\[A-Za-z]+|\\.", "", latex)
    bars = latex.count("\\|") % 2
    return bare.count("(") == bare.count(")") and bare.count("[") == bare.count("]") and not bars


def _respelled(segment: Segment, rubric: Rubric, names: Mapping[str, str]) -> Segment:
    """A task with the rubric's letters in its formulas."""
    if not names:
        return segment
    spell = speller(rubric.symbols, names)

    def words(text: str) -> str:
        return _LATEX.sub(lambda match: f"${spell.spell(match[1])}$", text)

    items = tuple(replace(item, text=words(item.text)) for item in segment.items)
    return Segment(segment.name, words(segment.preamble), items)


def _hit(cue: str, text: str) -> bool:
    pattern = phrase_pattern(cue)
    return bool(pattern.search(fold(text)) or pattern.search(" ".join(text.split())))


def _under(path: tuple[str, ...], parent: tuple[str, ...]) -> bool:
    return len(path) > len(parent) and path[: len(parent)] == parent


def _agree(path: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return part[-len(path) :] == path or path[-len(part) :] == part


def _before(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return path[0] <= other[0]


def _subjects(part: Part) -> tuple[str, ...]:
    return tuple(word for item in part.expect if isinstance(item, Direction) for word in item.subject) + part.cues


def _bare(text: str) -> str:
    return re.sub(r"[\s{}]|\\,|\\left|\\right", "", text)


def _telling(name: str) -> bool:
    """A name that tells one part from another by itself: more than a single letter."""
    return len(name) > 1
