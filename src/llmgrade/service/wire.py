"""What goes over the wire: the service's own models, so that a change inside cannot change the API by accident."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, JsonValue, Tag, model_validator

__all__ = [
    "AnswerAsked",
    "BatchAsked",
    "BatchMade",
    "BatchPage",
    "CheckAsked",
    "Checked",
    "DecisionAsked",
    "DecisionMade",
    "Diagnosis",
    "DisputeAsked",
    "Effect",
    "FileAsked",
    "GroupPage",
    "GroupView",
    "Handing",
    "Health",
    "JobPage",
    "JobView",
    "Links",
    "MessagesAsked",
    "Overview",
    "PreviewAsked",
    "Previewed",
    "ProposalAsked",
    "ProposalMade",
    "RubricAsked",
    "RubricList",
    "RubricVersion",
    "RubricView",
    "ScoreView",
    "TextAsked",
]


def _storable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("text must not hold NUL or lone surrogates")
    return text


class Asked(BaseModel):
    """A request: nothing it does not know is passed over in silence."""

    model_config = ConfigDict(extra="forbid", str_max_length=8 * 1024 * 1024)


Text = Annotated[str, AfterValidator(_storable)]
Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$"), AfterValidator(_storable)]
RubricId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$")]
PartId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]+([.][a-zA-Z0-9]+)*$", max_length=100)]
Verdict = Literal["correct", "partial", "incorrect"]
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Message(Asked):
    """One message of a chat."""

    role: Literal["system", "user", "assistant", "tool"]
    content: Text


class _Chat(Asked):
    name: Line = Field("chat", description="What it is called: a file name helps to tell the format")
    rubric: RubricId | None = Field(None, description="Grade by this rubric only")


class TextAsked(_Chat):
    """A chat as text, in any format that is known."""

    text: Text


class MessagesAsked(_Chat):
    """A chat as messages."""

    messages: list[Message] = Field(min_length=1, max_length=2000)


class FileAsked(_Chat):
    """A file (PDF, zip, …) as base64."""

    data: Annotated[str, Field(pattern=_BASE64, json_schema_extra={"contentEncoding": "base64"})]


class AnswerAsked(Asked):
    """One answer to one part."""

    answer: Annotated[Text, Field(max_length=200_000)]
    rubric: RubricId
    part: PartId
    prompt: Annotated[Text, Field(max_length=200_000)] | None = None
    name: Line = "answer"


def _which(value: Any) -> str:
    """By its own key: so that what is wrong with a request is said of the request that was meant."""
    keys = value.keys() if isinstance(value, dict) else {name for name in _KEYS if hasattr(value, name)}
    return next((name for name in _KEYS if name in keys), "text")


_KEYS = ("answer", "messages", "data", "text")
Handing: TypeAlias = Annotated[
    Annotated[TextAsked, Tag("text")]
    | Annotated[MessagesAsked, Tag("messages")]
    | Annotated[FileAsked, Tag("data")]
    | Annotated[AnswerAsked, Tag("answer")],
    Discriminator(_which),
]
"""A chat as text, messages or a file; or one answer to one part."""


class BatchAsked(Asked):
    """Several chats or answers, handed in together."""

    name: Line = "batch"
    items: list[Handing] = Field(min_length=1, max_length=1000)


class Links(BaseModel):
    """Where the rest is."""

    self: str
    events: str
    report: str
    page: str


class ScoreView(BaseModel):
    """Points over all reports of a job."""

    first: float
    final: float
    max: float


class JobView(BaseModel):
    """A job and what became of it. ``report`` is there once it is done, where it was asked for."""

    id: str
    submission: str
    batch: str | None
    name: str
    state: Literal["waiting", "running", "done", "failed"]
    reason: str | None
    created: float
    started: float | None
    finished: float | None
    score: ScoreView | None
    reports: int
    links: Links
    report: list[dict[str, Any]] | None = None


class JobPage(BaseModel):
    """Jobs, the newest first."""

    items: list[JobView]
    next: str | None = Field(description="The cursor of the next page; null on the last")


class BatchMade(BaseModel):
    """A batch and how far it is."""

    id: str
    name: str
    size: int
    created: float
    states: dict[str, int]
    score: ScoreView


class BatchPage(BaseModel):
    """Batches, the newest first."""

    items: list[BatchMade]
    next: str | None


class RubricVersion(BaseModel):
    """One version in a rubric's history."""

    number: int
    version: str
    author: str
    why: str
    created: float


class RubricView(BaseModel):
    """A rubric's version with its text; its ETag is in the header."""

    id: str
    number: int
    version: str
    title: str
    points: float
    parts: list[str]
    text: str
    author: str
    why: str
    created: float


class RubricList(BaseModel):
    """The rubrics in force."""

    items: list[RubricView]


class RubricAsked(Asked):
    """A new version of a rubric."""

    text: Annotated[Text, Field(max_length=2 * 1024 * 1024)]
    why: Annotated[Text, Field(max_length=2000)] = ""


class CheckAsked(Asked):
    """A rubric's text to check; nothing is published."""

    id: RubricId
    text: Annotated[Text, Field(max_length=2 * 1024 * 1024)]
    thorough: bool = Field(False, description="Say also what a colleague would; takes up to a minute")


class Diagnosis(BaseModel):
    """One mistake in a rubric's text, at its place."""

    code: str
    message: str
    severity: str
    line: int | None
    column: int | None
    start: int
    stop: int
    hint: str | None


class Checked(BaseModel):
    """Everything there is to say about a rubric's text."""

    ok: bool
    diagnostics: list[Diagnosis]
    parts: list[str]


class PreviewAsked(Asked):
    """One answer, to be judged by a rubric's text that is not published."""

    id: RubricId
    text: Annotated[Text, Field(max_length=2 * 1024 * 1024)]
    part: PartId
    answer: Annotated[Text, Field(max_length=20_000)]


class Previewed(BaseModel):
    """How it would be judged."""

    verdict: str
    credit: float
    pitfalls: list[str]
    feedback: list[str]
    claims: list[dict[str, JsonValue]]


class GroupView(BaseModel):
    """Claims of equal meaning under one part."""

    id: str
    rubric: str
    part: str
    item: str | None
    reading: str
    verdict: str
    dispute: str
    why: str
    count: int
    texts: list[str]
    jobs: list[str]
    suggested: str | None = Field(
        None, description="The answer as the rubric would have it, where one group is asked for"
    )


class GroupPage(BaseModel):
    """The review queue."""

    items: list[GroupView]


class DisputeAsked(Asked):
    """Why a person disagrees with a verdict on their own chat."""

    rubric: RubricId
    part: PartId
    why: Annotated[Text, Field(min_length=1, max_length=2000)]


class ProposalAsked(Asked):
    """What a decision is to become in the rubric."""

    verdict: Verdict
    become: Literal["accepted", "pitfall", "test"]
    answer: Annotated[Text, Field(min_length=1, max_length=2000)]
    pitfall: Annotated[str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}$")] | None = None
    credit: Annotated[float, Field(ge=0, le=1)] = 0.0
    say: Annotated[Text, Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _named(self) -> ProposalAsked:
        if self.become == "pitfall" and self.pitfall is None:
            raise ValueError("a pitfall needs its id in `pitfall`")
        return self


class Effect(BaseModel):
    """An answer whose verdict the new version would change, and how often it was given."""

    answer: str
    count: int
    before: str
    after: str


class ProposalMade(BaseModel):
    """The rubric as it would become, and what that would change. Nothing is published yet."""

    rubric: str
    base: str = Field(description="ETag of the version it was made from; the decision must name it")
    text: str
    diff: str
    diagnostics: list[Diagnosis]
    looked_at: int
    effects: list[Effect]


class DecisionAsked(Asked):
    """The decision on a group; with ``proposal`` it is published as a new version of the rubric."""

    verdict: Verdict
    why: Annotated[Text, Field(min_length=1, max_length=2000)]
    credit: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="Share of the points, where the verdict is partial; half of them if nothing is said"
    )
    proposal: ProposalAsked | None = None
    base: Annotated[Text, Field(max_length=100)] | None = None


class DecisionMade(BaseModel):
    """A decision, as it is recorded. It shows in the reports at once; with a new rubric version chats are graded again."""

    id: str
    group: str
    rubric: str
    part: str
    reading: str
    verdict: str
    who: str
    why: str
    became: str
    rubric_number: int | None
    created: float
    credit: float | None = None
    reports: int = Field(0, description="Reports it was written into")
    regraded: int = Field(0, description="Chats that are graded again")


class Health(BaseModel):
    """Whether it runs."""

    status: Literal["ok"]
    version: str


class SlowRubric(BaseModel):
    """How long chats with a rubric take (seconds)."""

    rubric: str
    jobs: int
    mean: float
    slowest: float


class Overview(BaseModel):
    """What the admin page shows."""

    queue: dict[str, int]
    oldest_waiting: float | None = Field(description="seconds")
    done_last_minute: int
    done_last_hour: int
    failed_last_hour: int
    workers: list[str]
    open_groups: int
    slow: list[SlowRubric]
