"""Agents of Pydantic AI as an app uses them; which instrumentation listens is none of its business."""

from typing import Any

from pydantic_ai import Agent, ModelAPIError
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from scenario_run import Case, Lane

QUESTION = "What is the weather in Porto?"


def weather(city: str) -> str:
    """Weather of a city."""
    return f"sunny in {city}"


def _chat_agent(lane: Lane) -> Agent:
    return _agent(OpenAIChatModel(lane.model, provider=OpenAIProvider(base_url=lane.openai_url, api_key="stub")))


def _responses_agent(lane: Lane) -> Agent:
    return _agent(OpenAIResponsesModel(lane.model, provider=OpenAIProvider(base_url=lane.openai_url, api_key="stub")))


def _anthropic_agent(lane: Lane) -> Agent:
    return _agent(AnthropicModel(lane.model, provider=AnthropicProvider(base_url=lane.url, api_key="stub")))


def _agent(model: Any) -> Agent:
    return Agent(model, name="forecaster", tools=[weather], retries=0)


async def _ask(agent: Agent) -> None:
    await agent.run(QUESTION)


async def _ask_stream(agent: Agent) -> None:
    async with agent.run_stream(QUESTION) as result:
        await result.get_output()


async def _ask_again_after_failure(agent: Agent) -> None:
    try:
        await agent.run(QUESTION)
    except ModelAPIError:
        await agent.run(QUESTION)


OPENAI_CASES: dict[str, Case] = {
    "chat.plain": lambda lane: _ask(_chat_agent(lane)),
    "chat.stream": lambda lane: _ask_stream(_chat_agent(lane)),
    "chat.cached": lambda lane: _ask(_chat_agent(lane)),
    "chat.reasoning": lambda lane: _ask(_chat_agent(lane)),
    "chat.tools": lambda lane: _ask(_chat_agent(lane)),
    "chat.retry": lambda lane: _ask(_chat_agent(lane)),
    "chat.failure": lambda lane: _ask_again_after_failure(_chat_agent(lane)),
    "responses.plain": lambda lane: _ask(_responses_agent(lane)),
    "responses.stream": lambda lane: _ask_stream(_responses_agent(lane)),
    "responses.cached": lambda lane: _ask(_responses_agent(lane)),
    "responses.reasoning": lambda lane: _ask(_responses_agent(lane)),
    "responses.tools": lambda lane: _ask(_responses_agent(lane)),
}
ANTHROPIC_CASES: dict[str, Case] = {
    "messages.plain": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.stream": lambda lane: _ask_stream(_anthropic_agent(lane)),
    "messages.cache_below": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.cache_above": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.cache_stream": lambda lane: _ask_stream(_anthropic_agent(lane)),
    "messages.reasoning": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.tools": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.retry": lambda lane: _ask(_anthropic_agent(lane)),
    "messages.failure": lambda lane: _ask_again_after_failure(_anthropic_agent(lane)),
}
