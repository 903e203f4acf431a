"""Google ADK's own tracing."""

import adk_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
run(adk_cases.CASES)
