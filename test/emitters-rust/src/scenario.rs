//! What every program shares: where to send spans, one root span with the attribution per case, and the report at the end.

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use serde::Deserialize;
use serde_json::json;
use std::error::Error;
use tracing::{Instrument, level_filters::LevelFilter};
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What every program asks; no row may hold it.
pub const QUESTION: &str = "What is the weather in Porto?";
pub const TOOL: &str = "weather";
pub const MAX_TOKENS: u32 = 1024;
const TENANT: &str = "acme";
const WORKLOAD: &str = "agent";

/// What the parent asks for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub emitter: String,
    collector_url: String,
    cases: Vec<Lane>,
}

/// The stub provider, for one case: requests of different cases are told apart by their base URL.
#[derive(Clone, Deserialize)]
pub struct Lane {
    pub id: String,
    pub url: String,
    pub model: String,
}

/// What an app does in a case.
#[derive(PartialEq)]
pub enum Way {
    Ask,
    Stream,
    /// A call that asks for a tool, and one with its result.
    Tools,
    /// The app itself tries again.
    AskAgainAfterFailure,
}

impl Lane {
    pub fn openai_url(&self) -> String {
        format!("{}/v1", self.url)
    }

    pub fn api(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }

    pub fn way(&self) -> Way {
        match self.id.split('.').next_back().unwrap_or_default() {
            "stream" | "cache_stream" | "thoughts_stream" => Way::Stream,
            "tools" => Way::Tools,
            "failure" => Way::AskAgainAfterFailure,
            _ => Way::Ask,
        }
    }
}

/// Runs every case below a root span that says whose it is, and flushes what they emitted.
pub fn run(run: &Run, run_case: impl AsyncFn(Lane) -> Outcome) -> Outcome {
    run_all(run, [], async |lane: Lane| {
        let span = tracing::info_span!(
            "handle",
            otel.name = format!("handle {}", lane.id),
            outlay.tenant.id = TENANT,
            outlay.feature = run.emitter,
            outlay.workload = WORKLOAD,
            outlay.task.id = task_of(run, &lane),
        );
        run_case(lane).instrument(span).await
    })
}

/// Runs the only case with no span around it: the resource says whose it is.
pub fn run_without_root(run: &Run, run_case: impl AsyncFn(Lane) -> Outcome) -> Outcome {
    let [lane] = run.cases.as_slice() else {
        return Err("one process has one task".into());
    };
    let attribution = [
        KeyValue::new("outlay.tenant.id", TENANT),
        KeyValue::new("outlay.feature", run.emitter.clone()),
        KeyValue::new("outlay.workload", WORKLOAD),
        KeyValue::new("outlay.task.id", task_of(run, lane)),
    ];
    run_all(run, attribution, run_case)
}

fn task_of(run: &Run, lane: &Lane) -> String {
    format!("{}/{}", run.emitter, lane.id)
}

fn run_all(
    run: &Run,
    resource: impl IntoIterator<Item = KeyValue>,
    run_case: impl AsyncFn(Lane) -> Outcome,
) -> Outcome {
    let provider = trace_to_collector(run, resource)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for lane in &run.cases {
        runtime
            .block_on(run_case(lane.clone()))
            .map_err(|error| format!("{}: {error}", lane.id))?;
    }
    drop(runtime);
    provider.shutdown()?;
    let ran: Vec<_> = run.cases.iter().map(|lane| &lane.id).collect();
    println!("{}", json!({ "ran": ran }));
    Ok(())
}

/// As the documentation of tracing-opentelemetry has it: the scope is whatever the app calls its tracer.
fn trace_to_collector(
    run: &Run,
    attributes: impl IntoIterator<Item = KeyValue>,
) -> Outcome<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", run.collector_url))
        .build()?;
    let resource = Resource::builder_empty()
        .with_service_name(run.emitter.clone())
        .with_attributes(attributes)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("app"));
    tracing_subscriber::registry()
        .with(layer.with_filter(LevelFilter::INFO))
        .try_init()?;
    Ok(provider)
}
