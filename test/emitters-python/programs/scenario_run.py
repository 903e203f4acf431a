"""What every program shares: where to send spans, one root span with the attribution per case, and the report at the end.

The parent names the cases in `OUTLAY_RUN` and gives each a base URL of its own on the stub provider.
"""

import asyncio
import inspect
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, Callable, Mapping

import sitecustomize
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

_RUN = json.loads(os.environ["OUTLAY_RUN"])


@dataclass(frozen=True)
class Lane:
    """The stub provider, for one case: requests of different cases are told apart by their base URL."""

    url: str
    model: str

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"


Case = Callable[[Lane], Any]


def span_processor() -> BatchSpanProcessor:
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{_RUN['collectorUrl']}/v1/traces"))


def new_provider() -> TracerProvider:
    return TracerProvider(resource=Resource.create({"service.name": _RUN["emitter"]}))


def trace_to_collector() -> None:
    """For emitters that bring no provider of their own."""
    provider = new_provider()
    provider.add_span_processor(span_processor())
    trace.set_tracer_provider(provider)


def _attribution(case_id: str) -> dict[str, str]:
    return {
        "outlay.tenant.id": "acme",
        "outlay.feature": _RUN["emitter"],
        "outlay.workload": "agent",
        "outlay.task.id": f"{_RUN['emitter']}/{case_id}",
    }


def run(cases: Mapping[str, Case]) -> None:
    """Runs the cases that the parent asked for, all of which must be here, and flushes what they emitted."""
    tracer = trace.get_tracer("app")
    for case_id, place in _RUN["cases"].items():
        with tracer.start_as_current_span(f"handle {case_id}", attributes=_attribution(case_id)):
            outcome = cases[case_id](Lane(**place))
            if inspect.isawaitable(outcome):
                asyncio.run(_wait_for(outcome))
    trace.get_tracer_provider().force_flush()
    json.dump({"ran": list(_RUN["cases"]), "refused": sitecustomize.refused}, sys.stdout)


async def _wait_for(outcome: Any) -> None:
    await outcome
