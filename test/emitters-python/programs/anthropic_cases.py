"""The Anthropic SDK as an app uses it; which instrumentation listens is none of its business."""

from typing import Any

from anthropic import Anthropic, AsyncAnthropic, InternalServerError

from scenario_run import Case, Lane

MESSAGES = [{"role": "user", "content": "What is the weather in Porto?"}]
TOOLS = [{"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}]


# One connection pool for all cases: making one costs more than a call.
_SHARED = Anthropic(base_url="http://127.0.0.1", api_key="stub")


def _client(lane: Lane, **options: Any) -> Anthropic:
    return _SHARED.with_options(base_url=lane.url, **options)


def _message(lane: Lane, **options: Any) -> Any:
    return _client(lane).messages.create(model=lane.model, max_tokens=1024, messages=MESSAGES, **options)


def _stream(lane: Lane) -> None:
    for _ in _message(lane, stream=True):
        pass


def _stream_helper(lane: Lane) -> None:
    with _client(lane).messages.stream(model=lane.model, max_tokens=1024, messages=MESSAGES) as stream:
        stream.get_final_message()


async def _async(lane: Lane) -> None:
    async with AsyncAnthropic(base_url=lane.url, api_key="stub") as client:
        await client.messages.create(model=lane.model, max_tokens=1024, messages=MESSAGES)


def _tools(lane: Lane) -> None:
    asked = _message(lane, tools=TOOLS)
    result = {"type": "tool_result", "tool_use_id": asked.content[0].id, "content": "sunny"}
    messages = [*MESSAGES, {"role": "assistant", "content": asked.content}, {"role": "user", "content": [result]}]
    _client(lane).messages.create(model=lane.model, max_tokens=1024, messages=messages, tools=TOOLS)


def _again_after_failure(lane: Lane) -> None:
    client = _client(lane, max_retries=0)
    try:
        client.messages.create(model=lane.model, max_tokens=1024, messages=MESSAGES)
    except InternalServerError:
        client.messages.create(model=lane.model, max_tokens=1024, messages=MESSAGES)


CASES: dict[str, Case] = {
    "messages.plain": _message,
    "messages.stream": _stream,
    "messages.stream_helper": _stream_helper,
    "messages.async": _async,
    "messages.cache_below": _message,
    "messages.cache_above": _message,
    "messages.cache_stream": _stream,
    "messages.reasoning": _message,
    "messages.tools": _tools,
    "messages.retry": _message,
    "messages.failure": _again_after_failure,
}
