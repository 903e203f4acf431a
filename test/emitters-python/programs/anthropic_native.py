"""The Anthropic SDK's own tracing, which is on as soon as there is a tracer provider."""

import anthropic_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
run(anthropic_cases.CASES)
