"""OpenInference on Google ADK."""

from openinference.instrumentation.google_adk import GoogleADKInstrumentor

import adk_cases
from scenario_run import run, trace_to_collector

trace_to_collector()
GoogleADKInstrumentor().instrument()
run(adk_cases.CASES)
