"""The OpenAI SDK as an app uses it; which instrumentation listens is none of its business."""

from typing import Any

from openai import AsyncOpenAI, InternalServerError, OpenAI

from scenario_run import Case, Lane

QUESTION = "What is the weather in Porto?"
MESSAGES = [{"role": "user", "content": QUESTION}]
TOOL = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


# One connection pool for all cases: making one costs more than a call.
_SHARED = OpenAI(base_url="http://127.0.0.1", api_key="stub")


def _client(lane: Lane, **options: Any) -> OpenAI:
    return _SHARED.with_options(base_url=lane.openai_url, **options)


def _chat(lane: Lane, **options: Any) -> Any:
    return _client(lane).chat.completions.create(model=lane.model, messages=MESSAGES, **options)


def _chat_stream(lane: Lane) -> None:
    for _ in _chat(lane, stream=True, stream_options={"include_usage": True}):
        pass


def _chat_tools(lane: Lane) -> None:
    tools = [{"type": "function", "function": TOOL}]
    asked = _chat(lane, tools=tools).choices[0].message
    answered = {"role": "tool", "tool_call_id": asked.tool_calls[0].id, "content": "sunny"}
    messages = [*MESSAGES, asked.model_dump(exclude_none=True), answered]
    _client(lane).chat.completions.create(model=lane.model, messages=messages, tools=tools)


def _chat_again_after_failure(lane: Lane) -> None:
    client = _client(lane, max_retries=0)
    try:
        client.chat.completions.create(model=lane.model, messages=MESSAGES)
    except InternalServerError:
        client.chat.completions.create(model=lane.model, messages=MESSAGES)


async def _chat_async(lane: Lane) -> None:
    async with AsyncOpenAI(base_url=lane.openai_url, api_key="stub") as client:
        await client.chat.completions.create(model=lane.model, messages=MESSAGES)


def _respond(lane: Lane, **options: Any) -> Any:
    return _client(lane).responses.create(model=lane.model, input=QUESTION, **options)


def _respond_stream(lane: Lane) -> None:
    for _ in _respond(lane, stream=True):
        pass


async def _respond_async(lane: Lane) -> None:
    async with AsyncOpenAI(base_url=lane.openai_url, api_key="stub") as client:
        await client.responses.create(model=lane.model, input=QUESTION)


def _respond_again_after_failure(lane: Lane) -> None:
    client = _client(lane, max_retries=0)
    try:
        client.responses.create(model=lane.model, input=QUESTION)
    except InternalServerError:
        client.responses.create(model=lane.model, input=QUESTION)


def _respond_tools(lane: Lane) -> None:
    tools = [{"type": "function", "strict": False, **TOOL}]
    call = _respond(lane, tools=tools).output[0]
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    history = [*MESSAGES, call.model_dump(exclude_none=True), output]
    _client(lane).responses.create(model=lane.model, input=history, tools=tools)


def _embed(lane: Lane) -> None:
    _client(lane).embeddings.create(model=lane.model, input=["one", "two"])


CASES: dict[str, Case] = {
    "chat.plain": _chat,
    "chat.stream": _chat_stream,
    "chat.async": _chat_async,
    "chat.cached": _chat,
    "chat.reasoning": _chat,
    "chat.tools": _chat_tools,
    "chat.retry": _chat,
    "chat.failure": _chat_again_after_failure,
    "responses.plain": _respond,
    "responses.stream": _respond_stream,
    "responses.cached": _respond,
    "responses.reasoning": _respond,
    "responses.async": _respond_async,
    "responses.tools": _respond_tools,
    "responses.retry": _respond,
    "responses.failure": _respond_again_after_failure,
    "embeddings.many": _embed,
}
