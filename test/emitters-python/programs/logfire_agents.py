"""Logfire with everything on: Pydantic AI and, below it, the OpenAI and Anthropic SDKs."""

import logfire

import pydantic_ai_cases
from scenario_run import run, span_processor

logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[span_processor()])
logfire.instrument_pydantic_ai()
logfire.instrument_openai()
logfire.instrument_anthropic()
run({**pydantic_ai_cases.OPENAI_CASES, **pydantic_ai_cases.ANTHROPIC_CASES})
