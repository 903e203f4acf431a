"""OpenInference's span processor, which rewrites what Pydantic AI emits."""

from openinference.instrumentation.pydantic_ai import OpenInferenceSpanProcessor
from opentelemetry import trace
from pydantic_ai import Agent

import pydantic_ai_cases
from scenario_run import new_provider, run, span_processor

provider = new_provider()
provider.add_span_processor(OpenInferenceSpanProcessor())
provider.add_span_processor(span_processor())
trace.set_tracer_provider(provider)
Agent.instrument_all()
run({**pydantic_ai_cases.OPENAI_CASES, **pydantic_ai_cases.ANTHROPIC_CASES})
