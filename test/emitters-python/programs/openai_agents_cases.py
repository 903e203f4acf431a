"""Agents of the OpenAI Agents SDK as an app uses them; which instrumentation listens is none of its business."""

from agents import Agent, Model, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, function_tool
from openai import AsyncOpenAI, InternalServerError

from scenario_run import Case, Lane

QUESTION = "What is the weather in Porto?"


@function_tool
def weather(city: str) -> str:
    """Weather of a city."""
    return f"sunny in {city}"


def _chat(lane: Lane) -> Model:
    return OpenAIChatCompletionsModel(lane.model, AsyncOpenAI(base_url=lane.openai_url, api_key="stub", max_retries=1))


def _responses(lane: Lane) -> Model:
    return OpenAIResponsesModel(lane.model, AsyncOpenAI(base_url=lane.openai_url, api_key="stub", max_retries=1))


def _agent(model: Model) -> Agent:
    return Agent(name="forecaster", model=model, tools=[weather])


async def _ask(model: Model) -> None:
    await Runner.run(_agent(model), QUESTION)


async def _ask_stream(model: Model) -> None:
    async for _ in Runner.run_streamed(_agent(model), QUESTION).stream_events():
        pass


async def _ask_again_after_failure(model: Model) -> None:
    try:
        await _ask(model)
    except InternalServerError:
        await _ask(model)


CASES: dict[str, Case] = {
    "chat.plain": lambda lane: _ask(_chat(lane)),
    "chat.cached": lambda lane: _ask(_chat(lane)),
    "chat.reasoning": lambda lane: _ask(_chat(lane)),
    "chat.tools": lambda lane: _ask(_chat(lane)),
    "responses.plain": lambda lane: _ask(_responses(lane)),
    "responses.stream": lambda lane: _ask_stream(_responses(lane)),
    "responses.cached": lambda lane: _ask(_responses(lane)),
    "responses.reasoning": lambda lane: _ask(_responses(lane)),
    "responses.tools": lambda lane: _ask(_responses(lane)),
    "responses.retry": lambda lane: _ask(_responses(lane)),
    "responses.failure": lambda lane: _ask_again_after_failure(_responses(lane)),
}
