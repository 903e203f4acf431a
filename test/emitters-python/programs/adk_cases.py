"""Agents of Google ADK as an app uses them; which instrumentation listens is none of its business."""

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.models.google_llm import Gemini
from google.adk.runners import InMemoryRunner
from google.genai import types

from gemini_cases import QUESTION, client_of
from scenario_run import Case, Lane


def weather(city: str) -> dict[str, str]:
    """Weather of a city."""
    return {"sky": f"sunny in {city}"}


async def _ask(lane: Lane, mode: StreamingMode = StreamingMode.NONE) -> None:
    agent = LlmAgent(name="forecaster", model=Gemini(model=lane.model, client=client_of(lane)), tools=[weather])
    runner = InMemoryRunner(agent=agent, app_name="forecast")
    session = await runner.session_service.create_session(app_name="forecast", user_id="someone")
    message = types.Content(role="user", parts=[types.Part(text=QUESTION)])
    async for _ in runner.run_async(
        user_id="someone", session_id=session.id, new_message=message, run_config=RunConfig(streaming_mode=mode)
    ):
        pass


async def _ask_stream(lane: Lane) -> None:
    await _ask(lane, StreamingMode.SSE)


async def _ask_again_after_failure(lane: Lane) -> None:
    try:
        await _ask(lane)
    except Exception as error:
        if getattr(error, "code", None) != 500:
            raise
        await _ask(lane)


CASES: dict[str, Case] = {
    "gemini.plain": _ask,
    "gemini.stream": _ask_stream,
    "gemini.cached": _ask,
    "gemini.thoughts": _ask,
    "gemini.thoughts_stream": _ask_stream,
    "gemini.tool_prompt": _ask,
    "gemini.audio": _ask,
    "gemini.tools": _ask,
    "gemini.failure": _ask_again_after_failure,
}
