"""Pydantic AI's own instrumentation."""

from pydantic_ai import Agent

import pydantic_ai_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
Agent.instrument_all()
run({**pydantic_ai_cases.OPENAI_CASES, **pydantic_ai_cases.ANTHROPIC_CASES})
