"""Logfire's instrumentation of the OpenAI and Anthropic SDKs."""

import logfire

import anthropic_cases
import openai_cases
from scenario_run import run, span_processor

logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[span_processor()])
logfire.instrument_openai()
logfire.instrument_anthropic()
run({**openai_cases.CASES, **anthropic_cases.CASES})
