//! Rust emitters of GenAI spans, each in a process of its own. The parent names emitter and cases in `OUTLAY_RUN` and gives
//! each case a base URL of its own on the stub provider.

mod adk_app;
mod genai_app;
mod rig_apps;
mod scenario;

use scenario::{Outcome, Run};

fn main() -> Outcome {
    let run: Run = serde_json::from_str(&std::env::var("OUTLAY_RUN")?)?;
    match run.emitter.as_str() {
        "rig-core" => scenario::run(&run, rig_apps::call_model),
        "rig-core-stream-not-finished" => scenario::run(&run, rig_apps::read_stream_only),
        "rig-agent" => scenario::run(&run, rig_apps::run_agent),
        "rig-agent-without-root" => scenario::run_without_root(&run, rig_apps::run_agent),
        "genai" => scenario::run(&run, genai_app::run_case),
        "genai-as-it-comes" => scenario::run(&run, genai_app::stream_as_it_comes),
        "adk-rust" => scenario::run(&run, adk_app::run_case),
        unknown => Err(format!("no emitter is called {unknown}").into()),
    }
}
