"""The traps of each format: valid files that a careless reader reads wrongly."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from chat_samples import (
    ANSWERED,
    ANTHROPIC_MESSAGE,
    ASKED,
    INSPECT_HEADER,
    KATEX,
    LATEX,
    MESSAGES,
    SAMPLES,
    THOUGHT,
    agent_line,
    chat_page,
    chatgpt_conversation,
    claude_conversation,
    deepseek_conversation,
    dumps,
    inspect_sample,
    lines,
    lm_eval_row,
    node,
    notebook,
    promptfoo_row,
    response_object,
    zipped_members,
)

from llmgrade.errors import UnreadableInput
from llmgrade.reading import read
from llmgrade.transcript.model import Formula, Method, Role, Setting, Transcript


def one(data: Any) -> Transcript:
    (found,) = read(data if isinstance(data, bytes) else dumps(data), name="chat")
    return found


def said(transcript: Transcript, *, track: str | None = "") -> list[tuple[str, str]]:
    """Role and text of each turn on a track (None: of all)."""
    return [
        (str(turn.role), transcript.source[turn.span])
        for turn in transcript.turns
        if track is None or turn.track == track
    ]


def settings(transcript: Transcript, setting: Setting) -> str:
    """All text of one setting."""
    found = []
    for turn in transcript.turns:
        for piece in turn.pieces:
            if piece.setting is setting:
                found.append(transcript.source[piece.span])
    return " ".join(found)


# ChatGPT


def chatgpt(*nodes: dict[str, Any], current: str | None = None) -> dict[str, Any]:
    conversation = chatgpt_conversation()
    conversation["mapping"] = {each["id"]: each for each in nodes}
    conversation["current_node"] = current or nodes[-1]["id"]
    return conversation


def test_only_the_current_branch_is_the_chat_and_the_others_keep_what_they_are() -> None:
    found = one(
        chatgpt(
            node("root", None, ["u1", "u2"]),
            node("u1", "root", ["x"], "user", "old question"),
            node("x", "u1", [], "assistant", "old answer"),
            node("u2", "root", ["a1", "a2"], "user", "question"),
            node("a1", "u2", ["v"], "assistant", "first answer"),
            node("v", "a1", [], "user", "follow up given up"),
            node("a2", "u2", ["w"], "assistant", "second answer"),
            node("w", "a2", ["z"], "user", "again"),
            node("z", "w", [], "assistant", "third answer"),
        )
    )
    assert said(found) == [
        ("user", "question"),
        ("assistant", "second answer"),
        ("user", "again"),
        ("assistant", "third answer"),
    ]
    assert said(found, track="edited") == [("user", "old question"), ("assistant", "old answer")]
    assert said(found, track="regeneration") == [("assistant", "first answer"), ("user", "follow up given up")]


def test_samples_of_one_answer_stay_apart_though_each_has_its_thoughts() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Hm", "content": THOUGHT}]}
    found = one(
        chatgpt(
            node("u", None, ["t1", "t2", "t3"], "user", ASKED),
            node("t1", "u", ["a1"], "assistant", thoughts),
            node("a1", "t1", [], "assistant", "one"),
            node("t2", "u", ["a2"], "assistant", thoughts),
            node("a2", "t2", [], "assistant", "two"),
            node("t3", "u", ["a3"], "assistant", thoughts),
            node("a3", "t3", [], "assistant", "three"),
        )
    )
    assert [text.split()[-1] for _, text in said(found, track="regeneration")] == ["one", "two"]
    assert len(said(found)) == 2


def test_tools_thoughts_pages_and_canvas_of_one_answer_are_one_turn() -> None:
    canvas = json.dumps({"name": "Ridge", "type": "document", "content": ANSWERED})
    code = json.dumps({"name": "Ridge", "type": "code/python", "content": "w = inv(X.T @ X) @ X.T @ y"})
    found = one(
        chatgpt(
            node(
                "u",
                None,
                ["t"],
                "user",
                {
                    "content_type": "multimodal_text",
                    "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "file://x"}, ASKED],
                },
            ),
            node(
                "t",
                "u",
                ["c"],
                "assistant",
                {"content_type": "thoughts", "thoughts": [{"summary": "", "content": THOUGHT}]},
            ),
            node(
                "c",
                "t",
                ["r"],
                "assistant",
                {"content_type": "code", "language": "python", "text": "print(2+2)"},
                recipient="python",
            ),
            node("r", "c", ["q"], "tool", {"content_type": "execution_output", "text": "4"}),
            node(
                "q",
                "r",
                ["k"],
                "tool",
                {"content_type": "tether_quote", "title": "a page", "text": "w = 0", "url": "u"},
            ),
            node("k", "q", ["m"], "assistant", canvas, recipient="canmore.create_textdoc"),
            node("m", "k", ["n"], "assistant", code, recipient="canmore.create_textdoc"),
            node(
                "n", "m", [], "assistant", "Done \ue200cite\ue202turn0search1\ue201 so.", metadata={"model_slug": "o3"}
            ),
        )
    )
    assert [turn.role for turn in found.turns] == [Role.USER, Role.ASSISTANT]
    assert found.model == "o3"
    assert "[image asset pointer]" in settings(found, Setting.HIDDEN) or "[image]" in settings(found, Setting.HIDDEN)
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert "print(2+2)" in settings(found, Setting.TOOL_CALL)
    assert "w = 0" in settings(found, Setting.TOOL_RESULT)
    assert "turn0search1" in settings(found, Setting.CITATION)
    assert LATEX in settings(found, Setting.ANSWER)
    assert "inv(X.T @ X)" in settings(found, Setting.ANSWER)


def test_circles_missing_parents_null_messages_and_no_current_node_end_nowhere() -> None:
    circle = chatgpt(node("a", "b", ["b"], "user", "x"), node("b", "a", ["a"], "assistant", "y"))
    assert any("circle" in note for note in one(circle).notes)
    torn = chatgpt(node("a", "gone", ["b"], "user", "x"), node("b", "a", [], "assistant", "y"), current="nowhere")
    found = one(torn)
    assert said(found) == [("user", "x"), ("assistant", "y")]
    assert any("newest" in note for note in found.notes)


def test_hidden_system_text_is_kept_and_hidden_and_an_answer_that_ran_out_says_so() -> None:
    found = one(
        chatgpt(
            node("s", None, ["u"], "user", {"content_type": "user_editable_context", "user_profile": "I am a student"}),
            node("u", "s", ["a"], "user", ASKED),
            node("a", "u", [], "assistant", "half an ans", metadata={"finish_details": {"type": "max_tokens"}}),
        )
    )
    assert "student" in settings(found, Setting.HIDDEN)
    assert found.turns[-1].cut_off
    assert not found.turns[0].cut_off


def test_a_list_cut_off_in_the_middle_gives_what_is_whole_and_says_what_is_lost() -> None:
    data = dumps([chatgpt_conversation("one"), chatgpt_conversation("two"), chatgpt_conversation("three")])
    found = read(data[:-300], name="conversations.json")
    assert [each.title for each in found] == ["one", "two"]
    assert "lost" in found[-1].notes[-1]


# Claude


def test_a_tree_of_messages_is_not_read_in_the_order_of_the_list() -> None:
    def message(uuid: str, sender: str, text: str, parent: str, when: int) -> dict[str, Any]:
        return {
            "uuid": uuid, "sender": sender, "text": text, "content": [{"type": "text", "text": text}], "created_at": f"2026-01-01T00:0{when}:00Z",
            "parent_message_uuid": parent, "attachments": [{"file_name": "n.txt", "extracted_content": "their notes"}] if when == 0 else [],
        }  # fmt: skip

    root = "00000000-0000-4000-8000-000000000000"
    listed = [
        message("q", "human", "question", root, 0),
        message("a1", "assistant", "first answer", "q", 1),
        message("a2", "assistant", "second answer", "q", 3),
        message("f1", "human", "about the first", "a1", 2),
        message("f2", "human", "about the second", "a2", 4),
    ]
    found = one(claude_conversation(chat_messages=listed))
    assert [text.split("\n")[0] for _, text in said(found)] == ["question", "second answer", "about the second"]
    assert [text for _, text in said(found, track="regeneration")] == ["first answer", "about the first"]
    assert settings(found, Setting.QUOTE) == "their notes"
    chosen = one(claude_conversation(chat_messages=listed, current_leaf_message_uuid="f1"))
    assert [text.split("\n")[0] for _, text in said(chosen)] == ["question", "first answer", "about the first"]


def test_blocks_are_read_rather_than_the_text_that_repeats_them() -> None:
    conversation = claude_conversation()
    conversation["chat_messages"][1]["content"] = [
        {"type": "thinking", "thinking": THOUGHT},
        {"type": "text", "text": "The value is "},
        {"type": "text", "text": "$x=1$, as cited."},
        {"type": "tool_use", "name": "repl", "input": {"code": "1"}},
        {"type": "tool_result", "content": [{"type": "text", "text": "2"}]},
        {"type": "token_budget"},
    ]
    found = one(conversation)
    assert "The value is $x=1$, as cited." in found.source.text
    assert "repl" in settings(found, Setting.TOOL_CALL)
    assert settings(found, Setting.TOOL_RESULT) == "2"
    assert found.source.text.count("as cited") == 1


def test_an_old_export_without_parents_is_a_plain_list_and_empty_chats_are_counted() -> None:
    conversation = claude_conversation()
    for message in conversation["chat_messages"]:
        del message["parent_message_uuid"]
        message["content"] = []
    found = read(dumps([conversation, claude_conversation(chat_messages=[])]), name="c")
    assert len(found) == 1
    assert said(found[0])[0] == ("user", ASKED)
    assert any("1 empty conversation" in note for note in found[0].notes)


# DeepSeek


def test_deepseek_is_not_taken_for_chatgpt_and_roles_follow_the_fragments() -> None:
    conversation = deepseek_conversation()
    conversation["mapping"]["2"]["message"]["fragments"].insert(1, {"type": "SEARCH", "results": [{"url": "u"}]})
    found = one(conversation)
    assert found.format == "deepseek-export"
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant"]
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert "url" in settings(found, Setting.TOOL_RESULT)


def test_deepseek_files_without_fragments_alternate() -> None:
    conversation = deepseek_conversation()
    for key, text in (("1", ASKED), ("2", ANSWERED)):
        conversation["mapping"][key]["message"] = {
            "content": text,
            "inserted_at": "x",
            "model": "deepseek-chat",
            "reasoning_content": None,
        }
    assert [str(turn.role) for turn in one(conversation).turns] == ["user", "assistant"]


# Gemini, AI Studio


def test_takeout_never_joins_prompts_and_keeps_drafts_apart() -> None:
    def activity(title: str, *answers: str) -> dict[str, Any]:
        return {"header": "Gemini Apps", "title": title, "time": title, "products": ["Gemini Apps"],
                **({"safeHtmlItem": [{"html": answer} for answer in answers]} if answers else {})}  # fmt: skip

    found = read(
        dumps(
            [
                activity("Prompted second", "<p>b</p>", "<p>c</p>"),
                activity("Used a feature"),
                activity("Prompted first", "<p>a</p>"),
            ]
        )
    )
    assert len(found) == 2
    assert all(each.attempts_inferred for each in found)
    assert said(found[0]) == [("user", "second"), ("assistant", "b")]
    assert said(found[0], track="regeneration") == [("assistant", "c")]
    assert any("1 activity without an answer" in note for note in found[-1].notes)


def test_thought_chunks_share_the_models_role_and_are_no_answer() -> None:
    found = one(SAMPLES["ai-studio"])
    assert len(found.turns) == 2
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert LATEX in settings(found, Setting.ANSWER)


def test_gemini_api_candidates_are_samples_and_may_be_cut_off() -> None:
    found = one(
        {"request": {"contents": [{"role": "user", "parts": [{"text": ASKED}]}]},
         "response": {"modelVersion": "gemini-2.5-flash", "candidates": [
             {"content": {"role": "model", "parts": [{"text": THOUGHT, "thought": True}, {"text": ANSWERED}]}, "finishReason": "MAX_TOKENS"},
             {"content": {"role": "model", "parts": [{"text": "another"}]}, "finishReason": "STOP"}]}}
    )  # fmt: skip
    assert found.model == "gemini-2.5-flash"
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert found.turns[1].cut_off
    assert said(found, track="regeneration") == [("assistant", "another")]


# OpenAI, Anthropic, batches


def test_parts_tools_developers_and_null_contents() -> None:
    found = one(
        {"messages": [
            {"role": "developer", "content": "Use LaTeX."},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": ASKED}]},
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function", "function": {"name": "solve", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "1", "content": "w = 7"},
            {"role": "assistant", "content": ANSWERED, "reasoning_content": THOUGHT},
        ]}
    )  # fmt: skip
    assert [str(turn.role) for turn in found.turns] == ["system", "user", "assistant"]
    assert "solve({})" in settings(found, Setting.TOOL_CALL)
    assert settings(found, Setting.TOOL_RESULT) == "w = 7"
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert "[image]" in settings(found, Setting.HIDDEN)


def test_thinking_inside_the_content_is_no_answer() -> None:
    found = one(
        [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWERED}"},
        ]
    )
    assert "X^{-1}" in settings(found, Setting.THINKING)
    assert "X^{-1}" not in settings(found, Setting.ANSWER)
    assert LATEX in settings(found, Setting.ANSWER)


def test_choices_are_samples_and_length_means_cut_off() -> None:
    found = one(
        {"messages": MESSAGES[:1], "response": {"model": "gpt-4o", "choices": [
            {"index": 0, "message": MESSAGES[1], "finish_reason": "length"},
            {"index": 1, "message": {"role": "assistant", "content": "other"}, "finish_reason": "stop"}]}}
    )  # fmt: skip
    assert found.turns[1].cut_off
    assert said(found, track="regeneration") == [("assistant", "other")]


def test_lines_of_messages_are_one_chat_and_lines_of_chats_are_many() -> None:
    assert len(read(lines(*MESSAGES, *MESSAGES))) == 1
    assert len(read(lines({"messages": MESSAGES}, {"messages": MESSAGES}))) == 2
    assert len(read(dumps([MESSAGES, MESSAGES, MESSAGES]))) == 3


def test_a_broken_line_is_left_out_and_named() -> None:
    found = read(lines({"messages": MESSAGES}) + b'{"messages": [\n' + lines({"messages": MESSAGES}), name="log.jsonl")
    assert len(found) == 2
    assert any("line 2" in note for note in found[-1].notes)


def test_a_response_that_is_incomplete_is_cut_off_and_reasoning_is_no_answer() -> None:
    found = one(response_object(status="incomplete", incomplete_details={"reason": "max_output_tokens"}))
    assert [turn.cut_off for turn in found.turns] == [False, True]
    assert "X^{-1}" in settings(found, Setting.THINKING)


def test_a_batch_keeps_its_ids_and_counts_what_failed() -> None:
    found = read(
        lines(
            {
                "custom_id": "b",
                "result": {"type": "succeeded", "message": {**ANTHROPIC_MESSAGE, "stop_reason": "max_tokens"}},
            },
            {"custom_id": "x", "result": {"type": "errored", "error": {"type": "e"}}},
            {"custom_id": "a", "result": {"type": "succeeded", "message": ANTHROPIC_MESSAGE}},
            {"custom_id": "y", "result": {"type": "expired"}},
        )
    )
    assert [each.id for each in found] == ["b", "a"]
    assert found[0].turns[0].cut_off
    assert any("2 requests without an answer" in note and "x, y" in note for note in found[-1].notes)


def test_tool_results_in_a_user_message_are_nobodys_question() -> None:
    found = one(
        {"model": "claude-x", "max_tokens": 1, "messages": [
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": [{"type": "tool_use", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "w = 7"}]},
            {"role": "assistant", "content": [{"type": "text", "text": ANSWERED}]},
        ]}
    )  # fmt: skip
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant"]


# ShareGPT, agents


def test_sharegpt_knows_its_other_words_for_roles() -> None:
    found = one(
        {"system": "Be brief.", "conversations": [
            {"from": "human", "value": ASKED}, {"from": "function_call", "value": "f()"}, {"from": "observation", "value": "w = 7"},
            {"from": "gpt", "value": ANSWERED}, {"from": "martian", "value": "?"}]}
    )  # fmt: skip
    assert [str(turn.role) for turn in found.turns][:2] == ["system", "user"]
    assert "w = 7" in settings(found, Setting.TOOL_RESULT)
    assert any("names no role" in each.why for each in found.unread)


def test_the_real_reply_beside_a_failed_retry_is_on_the_path() -> None:
    found = one(
        lines(
            agent_line("u", None, "user", ASKED),
            agent_line("bad", "u", "assistant", [{"type": "text", "text": "API Error"}]),
            agent_line("good", "u", "assistant", [{"type": "text", "text": ANSWERED}]),
            agent_line("side", "u", "assistant", [{"type": "text", "text": "aside"}], isSidechain=True),
        )
    )
    assert [text for _, text in said(found)] == [ASKED, ANSWERED.rstrip("\n")] or LATEX in said(found)[-1][1]
    assert said(found, track="regeneration") == [("assistant", "API Error")]
    assert said(found, track="sidechain") == [("assistant", "aside")]


def test_payload_lines_of_a_session_are_read() -> None:
    found = one(
        lines(
            {"type": "session_meta", "payload": {"id": "s", "cwd": "/"}},
            {
                "type": "response_item",
                "payload": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": ASKED}]},
            },
            {"type": "event_msg", "payload": {"type": "token_count"}},
            {
                "type": "response_item",
                "payload": {"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
            },
            {
                "type": "response_item",
                "payload": {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": ANSWERED}],
                },
            },
        )
    )
    assert found.id == "s"
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant"]


# Evaluation logs


def test_inspect_resolves_attachments_epochs_and_the_reason_for_stopping() -> None:
    sample = inspect_sample(attachments={"abc": ANSWERED}, epoch=2)
    sample["messages"][1] = {
        "role": "assistant",
        "content": [{"type": "reasoning", "reasoning": THOUGHT}, {"type": "text", "text": "attachment://abc"}],
    }
    sample["output"]["choices"][0]["stop_reason"] = "max_tokens"
    members = {
        "header.json": dumps(INSPECT_HEADER),
        "samples/q1_epoch_1.json": dumps(inspect_sample()),
        "samples/q1_epoch_2.json": dumps(sample),
    }
    found = read(zipped_members(members), name="log.eval")
    assert [each.id for each in found] == ["q1 (epoch 1)", "q1 (epoch 2)"]
    assert LATEX in settings(found[1], Setting.ANSWER)
    assert found[1].turns[-1].cut_off
    log = {**INSPECT_HEADER, "samples": [inspect_sample(), inspect_sample(scores={"s": {"value": float("nan")}})]}
    assert len(read(json.dumps(log).encode())) == 2


def test_inspect_names_a_sample_that_is_damaged() -> None:
    members = {
        "header.json": dumps(INSPECT_HEADER),
        "samples/a_epoch_1.json": b'{"id": ',
        "samples/b_epoch_1.json": dumps(inspect_sample()),
    }
    found = read(zipped_members(members), name="log.eval")
    assert len(found) == 1
    assert any("a_epoch_1" in note for note in found[0].notes)


def test_lm_eval_rows_of_other_filters_are_the_same_answers() -> None:
    row = lm_eval_row("strict")
    row["resps"] = str(row["resps"])
    row["arguments"] = [[json.dumps(MESSAGES[:1]), {}]]
    found = read(lines(row, lm_eval_row("flexible")))
    assert len(found) == 1
    assert LATEX in settings(found[0], Setting.ANSWER)
    assert any("other filters" in note for note in found[0].notes)
    flat = lm_eval_row()
    flat["arguments"] = {
        "gen_args_0": {
            "arg_0": f"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n{ASKED}<|im_end|>\n<|im_start|>assistant\n"
        }
    }
    flat["resps"] = [["one", "two"]]
    found = read(lines(flat))
    assert [str(turn.role) for turn in found[0].turns] == ["system", "user", "assistant", "assistant"]
    assert [turn.track for turn in found[0].turns][-1] == "regeneration"


def test_promptfoo_prompts_may_be_messages_and_outputs_objects() -> None:
    rows = [promptfoo_row(prompt={"raw": json.dumps(MESSAGES[:1]), "label": "x"}), promptfoo_row(response={"output": {"answer": "x = 1"}}),
            promptfoo_row(response={"error": "429"}), promptfoo_row(testIdx=1)]  # fmt: skip
    found = read(dumps({"evalId": "e", "results": {"version": 3, "results": rows}}))
    assert len(found) == 3
    assert said(found[0])[0] == ("user", ASKED)
    assert "x = 1" in said(found[1])[1][1]
    assert any("1 result without an answer" in note for note in found[-1].notes)


def test_a_notebook_without_speakers_is_one_answer_and_its_outputs_are_results() -> None:
    found = one(
        notebook(("markdown", ANSWERED), ("code", "# (b)\nw = np.linalg.solve(A, b)\nprint(w)"), ("raw", "raw text"))
    )
    assert [str(turn.role) for turn in found.turns] == ["assistant"]
    assert settings(found, Setting.TOOL_RESULT) == "w = 3"
    assert settings(found, Setting.HIDDEN) == "raw text"
    assert any(
        isinstance(piece, Formula) and piece.latex == "w = np.linalg.solve(A, b)" for piece in found.turns[0].pieces
    )


# Pages


def formulas(transcript: Transcript) -> list[Formula]:
    return [
        piece
        for turn in transcript.turns
        for piece in turn.pieces
        if isinstance(piece, Formula) and turn.role is Role.ASSISTANT
    ]


MATHML = "<math><mrow><mi>w</mi><mo>=</mo><mfrac><mn>1</mn><msqrt><mi>λ</mi></msqrt></mfrac><msup><mi>X</mi><mi>T</mi></msup><mi>y</mi></mrow></math>"


@pytest.mark.parametrize(
    ("html", "latex"),
    [
        (KATEX, LATEX),
        (KATEX.replace("katex-base", "katex"), LATEX),
        (f"<p>so {MATHML} holds</p>", "w=\\frac{1}{\\sqrt{λ}}X^Ty"),
        (
            f'<mjx-container class="MathJax" jax="SVG"><svg></svg><mjx-assistive-mml>{MATHML}</mjx-assistive-mml></mjx-container>',
            "w=\\frac{1}{\\sqrt{λ}}X^Ty",
        ),
        (
            '<span class="MathJax_Preview">w=1</span><span class="MathJax"><span>w</span><span>=1</span></span><script type="math/tex">w=1</script>',
            "w=1",
        ),
        (
            '<span class="math-inline" data-math="w=\\lambda y"><span aria-hidden="true">w=λy</span></span>',
            "w=\\lambda y",
        ),
        ('<div class="math-block" data-math="w=\\lambda y"><span>w=λy</span></div>', "w=\\lambda y"),
        ('<img class="latex" alt="w=\\frac12 y" src="x.png">', "w=\\frac12 y"),
        ("<p>so x<sup>2</sup> = 4</p>", "x^2 = 4"),
        ("<p>\\(w = \\lambda y\\)</p>", "w = \\lambda y"),
        ("<table><tr><th>Part</th><th>Result</th></tr><tr><td>(a)</td><td>y</td></tr></table>" + KATEX, LATEX),
    ],
)
def test_a_formula_of_a_page_is_had_once_from_the_best_there_is(html: str, latex: str) -> None:
    found = formulas(one(chat_page(html).encode()))
    assert [piece.latex for piece in found] == [latex]


@pytest.mark.parametrize(
    ("mathml", "latex"),
    [
        ("<mover accent='true'><mi>w</mi><mo>^</mo></mover><mo>=</mo><mn>0</mn>", "\\hat{w}=0"),
        ("<msubsup><mi>e</mi><mi>i</mi><mo>′</mo></msubsup><mo>=</mo><mn>0</mn>", "e_i'=0"),
        ("<mo>[</mo><mtable><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable><mo>]</mo>",
         "\\begin{bmatrix}0 & 1 \\\\ a & b\\end{bmatrix}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot><mo>+</mo><munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>", "\\sqrt[3]{x}+∑_i^n"),
        ("<menclose notation='box'><mi>log</mi><mo>\u2061</mo><mi>x</mi></menclose>", "\\boxed{\\log x}"),
    ],
)  # fmt: skip
def test_mathml_alone_becomes_latex(mathml: str, latex: str) -> None:
    assert [piece.latex for piece in formulas(one(chat_page(f"<p><math>{mathml}</math></p>").encode()))] == [latex]


def test_formulas_of_the_page_say_so_and_drawn_glyphs_are_dropped() -> None:
    found = one(chat_page().encode())
    assert [piece.method for piece in formulas(found)] == [Method.HTML]
    assert "ŵ=(X" not in found.source.text
    assert "Copy" not in found.source.text
    assert "color: red" not in found.source.text


def test_a_table_of_a_page_keeps_its_cells() -> None:
    html = f"<table><thead><tr><th>Part</th><th>Result</th></tr></thead><tbody><tr><td>(a)</td><td>{KATEX}</td></tr></tbody></table>"
    found = one(chat_page(html).encode())
    (table,) = [piece for piece in found.turns[1].pieces if piece.__class__.__name__ == "Table"]
    assert [len(row) for row in table.rows] == [2, 2]
    assert table.rows[1][1][0].latex == LATEX


def test_the_data_a_page_carries_is_read_rather_than_its_looks() -> None:
    conversation = chatgpt_conversation()
    page = f'<html><body><script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"serverResponse": conversation}})}</script></body></html>'
    found = one(page.encode())
    assert found.format == "html"
    assert LATEX in settings(found, Setting.ANSWER)


def test_a_share_pages_stream_is_unflattened() -> None:
    flat: list[Any] = []

    def place(value: Any) -> int:
        index = len(flat)
        flat.append(None)
        if isinstance(value, dict):
            flat[index] = {f"_{place(key)}": place(item) for key, item in value.items()}
        elif isinstance(value, list):
            flat[index] = [place(item) for item in value]
        else:
            flat[index] = value
        return index

    place({"loaderData": {"routes/share": {"data": chatgpt_conversation()}}})
    script = f"window.__reactRouterContext.streamController.enqueue({json.dumps(json.dumps(flat) + chr(10))});"
    found = one(f"<!DOCTYPE html><html><body><div>shell</div><script>{script}</script></body></html>".encode())
    assert said(found)[0] == ("user", ASKED)
    assert LATEX in settings(found, Setting.ANSWER)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><user-query><p>{ASKED}</p></user-query><model-response><message-content>{KATEX}</message-content></model-response></body></html>",
        f'<html><body><div data-testid="user-message"><p>{ASKED}</p></div><div class="font-claude-message">{KATEX}</div></body></html>',
        f'<html><body><div class="chat"><div class="user-message">{ASKED}</div><div class="bot-message">{KATEX}</div></div></body></html>',
        f"<html><body><p><b>User:</b></p><p>{ASKED}</p><p><b>Assistant:</b></p>{KATEX}</body></html>",
        f"<html><body><h5>You said:</h5><p>{ASKED}</p><h6>ChatGPT said:</h6>{KATEX}</body></html>",
    ],
)
def test_speakers_of_other_pages_are_told_by_elements_classes_or_labels(page: str) -> None:
    found = one(page.encode())
    assert [str(turn.role) for turn in found.turns] == ["user", "assistant"]
    assert [piece.latex for piece in formulas(found)] == [LATEX]


def test_a_web_archive_is_unpacked() -> None:
    page = chat_page().encode()
    archive = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://x\r\nSubject: Ridge\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="B"\r\n\r\n--B\r\nContent-Type: text/html; charset=utf-8\r\n'
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + page + b"\r\n--B--\r\n"
    )
    assert LATEX in settings(one(archive), Setting.ANSWER)


def test_a_page_without_text_says_what_to_do() -> None:
    with pytest.raises(UnreadableInput, match="complete page"):
        read(b"<!DOCTYPE html><html><body><div id='root'></div><script>x</script></body></html>", name="p.html")


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ('<ol start="3"><li><p>one</p></li><li value="7"><p>two</p></li></ol>', "3. one\n\n7. two"),
        ('<ol type="a"><li>one</li><li>two<ul><li>inner</li></ul></li><li>three</li></ol>', "(a) one\n(b) two\n- inner\n(c) three"),
        ("<ul><li>one</li></ul><ol><li>two</li></ol>", "- one\n\n1. two"),
    ],
)  # fmt: skip
def test_items_of_a_list_have_the_numbers_that_the_page_shows(listed: str, text: str) -> None:
    found = one(chat_page(listed).encode())
    assert found.source[found.turns[1].span] == text


LINES = "Two parts:\n(a) first\n(b) second"


@pytest.mark.parametrize(
    "page",
    [
        f'<div data-message-author-role="user"><div class="bubble">{LINES}</div></div><div data-message-author-role="assistant">{KATEX}</div>',
        f'<style>h2{{color:red}} .said, .q {{ white-space: pre-wrap }}</style><h4>User:</h4><div class="said">{LINES}</div><h4>Assistant:</h4>{KATEX}',
        f'<h4>User:</h4><div style="white-space:pre-line">{LINES}</div><h4>Assistant:</h4>{KATEX}',
        f'<div class="user-message">{LINES}</div><div class="assistant-message">{KATEX}</div>',
    ],
)
def test_the_lines_of_a_prompt_are_kept_where_the_page_shows_them(page: str) -> None:
    found = one(f"<html><body>{page}</body></html>".encode())
    assert said(found)[0] == ("user", LINES)
    assert [piece.latex for piece in formulas(found)] == [LATEX]


def test_each_message_of_a_page_has_its_own_pointer() -> None:
    page = f'<div data-testid="user-message">Q</div><div class="font-claude-message">{KATEX}</div><div data-testid="user-message" id="m7">R</div><div class="font-claude-message">S</div>'
    found = one(f"<html><body>{page}</body></html>".encode())
    assert [found.source.place(turn.span).pointer for turn in found.turns] == [
        "message 1",
        "message 2",
        "#m7",
        "message 4",
    ]


def test_a_page_that_ends_in_its_middle_says_so() -> None:
    whole = chat_page().encode()
    assert not any("cut off" in note for note in one(whole).notes)
    assert any("cut off" in note for note in one(whole[:-60]).notes)


def test_a_zip_whose_member_lost_its_name_is_read_without_it() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x", b"{}")
        archive.writestr("conversations.json", dumps([chatgpt_conversation()]))
        archive.infolist()[0].filename = ""  # as it is then written in the directory at the end
    assert [each.format for each in read(out.getvalue(), name="chat")] == ["chatgpt-export"]


def test_a_marked_section_of_no_known_kind_does_not_lose_the_page() -> None:
    page = f"<html><body><![DOCTYPE [ x ]]><p>User: Q</p><p>Assistant:</p>{KATEX}</body></html>"
    assert [piece.latex for piece in formulas(one(page.encode()))] == [LATEX]
