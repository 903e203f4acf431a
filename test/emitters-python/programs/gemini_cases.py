"""The Google GenAI SDK as an app uses it; which instrumentation listens is none of its business."""

from typing import Any

from google import genai
from google.genai import types
from google.genai.errors import ServerError

from scenario_run import Case, Lane

TOOLS = [{"function_declarations": [{"name": "weather", "description": "Weather of a city"}]}]
QUESTION = "What is the weather in Porto?"


# A client closes its connections when nothing refers to it any more, even while it answers.
_clients: list[genai.Client] = []


def client_of(lane: Lane) -> genai.Client:
    # Reading the certificates of the machine for every client costs more than a call to loopback.
    unverified = {"verify": False}
    options = types.HttpOptions(base_url=lane.url, client_args=unverified, async_client_args=unverified)
    client = genai.Client(api_key="stub", vertexai=False, http_options=options)
    _clients.append(client)
    return client


def _generate(lane: Lane) -> Any:
    return client_of(lane).models.generate_content(model=lane.model, contents=QUESTION)


def _stream(lane: Lane) -> None:
    for _ in client_of(lane).models.generate_content_stream(model=lane.model, contents=QUESTION):
        pass


async def _async(lane: Lane) -> None:
    await client_of(lane).aio.models.generate_content(model=lane.model, contents=QUESTION)


def _tools(lane: Lane) -> None:
    client = client_of(lane)
    config = types.GenerateContentConfig(
        tools=TOOLS, automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True)
    )
    asked = client.models.generate_content(model=lane.model, contents=QUESTION, config=config)
    answered = types.Part.from_function_response(name="weather", response={"sky": "sunny"})
    history = [
        types.Content(role="user", parts=[types.Part(text=QUESTION)]),
        asked.candidates[0].content,
        types.Content(role="user", parts=[answered]),
    ]
    client.models.generate_content(model=lane.model, contents=history, config=config)


def _again_after_failure(lane: Lane) -> None:
    try:
        _generate(lane)
    except ServerError:
        _generate(lane)


CASES: dict[str, Case] = {
    "gemini.plain": _generate,
    "gemini.stream": _stream,
    "gemini.async": _async,
    "gemini.cached": _generate,
    "gemini.thoughts": _generate,
    "gemini.thoughts_stream": _stream,
    "gemini.tool_prompt": _generate,
    "gemini.audio": _generate,
    "gemini.tools": _tools,
    "gemini.failure": _again_after_failure,
}
