"""LangChain's chat models as an app uses them; which instrumentation listens is none of its business."""

from typing import Any

from anthropic import InternalServerError as AnthropicServerError
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from openai import InternalServerError as OpenAIServerError

from scenario_run import Case, Lane

QUESTION = "What is the weather in Porto?"


@tool
def weather(city: str) -> str:
    """Weather of a city."""
    return f"sunny in {city}"


def _chat(lane: Lane, **options: Any) -> ChatOpenAI:
    return ChatOpenAI(model=lane.model, base_url=lane.openai_url, api_key="stub", **options)


def _responses(lane: Lane, **options: Any) -> ChatOpenAI:
    return _chat(lane, use_responses_api=True, **options)


def _anthropic(lane: Lane, **options: Any) -> ChatAnthropic:
    return ChatAnthropic(model=lane.model, base_url=lane.url, api_key="stub", max_tokens=1024, **options)


def _ask(model: Any) -> None:
    model.invoke(QUESTION)


def _ask_stream(model: Any) -> None:
    for _ in model.stream(QUESTION):
        pass


async def _ask_async(model: Any) -> None:
    await model.ainvoke(QUESTION)


def _ask_tools(model: Any) -> None:
    with_tools = model.bind_tools([weather])
    question = HumanMessage(QUESTION)
    asked = with_tools.invoke([question])
    call = asked.tool_calls[0]
    answered = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
    with_tools.invoke([question, asked, answered])


def _ask_again_after_failure(model: Any) -> None:
    try:
        model.invoke(QUESTION)
    except (OpenAIServerError, AnthropicServerError):
        model.invoke(QUESTION)


CASES: dict[str, Case] = {
    "chat.plain": lambda lane: _ask(_chat(lane)),
    "chat.stream": lambda lane: _ask_stream(_chat(lane, stream_usage=True)),
    "chat.async": lambda lane: _ask_async(_chat(lane)),
    "chat.cached": lambda lane: _ask(_chat(lane)),
    "chat.reasoning": lambda lane: _ask(_chat(lane)),
    "chat.tools": lambda lane: _ask_tools(_chat(lane)),
    "chat.retry": lambda lane: _ask(_chat(lane)),
    "chat.failure": lambda lane: _ask_again_after_failure(_chat(lane, max_retries=0)),
    "responses.plain": lambda lane: _ask(_responses(lane)),
    "responses.stream": lambda lane: _ask_stream(_responses(lane)),
    "responses.cached": lambda lane: _ask(_responses(lane)),
    "responses.reasoning": lambda lane: _ask(_responses(lane)),
    "responses.tools": lambda lane: _ask_tools(_responses(lane)),
    "messages.plain": lambda lane: _ask(_anthropic(lane)),
    "messages.stream": lambda lane: _ask_stream(_anthropic(lane)),
    "messages.async": lambda lane: _ask_async(_anthropic(lane)),
    "messages.cache_below": lambda lane: _ask(_anthropic(lane)),
    "messages.cache_above": lambda lane: _ask(_anthropic(lane)),
    "messages.cache_stream": lambda lane: _ask_stream(_anthropic(lane)),
    "messages.reasoning": lambda lane: _ask(_anthropic(lane)),
    "messages.tools": lambda lane: _ask_tools(_anthropic(lane)),
    "messages.retry": lambda lane: _ask(_anthropic(lane)),
    "messages.failure": lambda lane: _ask_again_after_failure(_anthropic(lane, max_retries=0)),
}
