// Package scenario is what every program shares: where to send spans, one root span with the attribution per case, and the
// report at the end. The parent names the cases in OUTLAY_RUN and gives each a base URL of its own on the stub provider.
package scenario

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Question is what every program asks; no row may hold it.
const Question = "What is the weather in Porto?"

// Lane is the stub provider, for one case: requests of different cases are told apart by their base URL.
type Lane struct {
	URL   string `json:"url"`
	Model string `json:"model"`
}

// OpenAIURL is the base URL for OpenAI's SDK.
func (lane Lane) OpenAIURL() string { return lane.URL + "/v1" }

// Case runs one case as an app would.
type Case func(ctx context.Context, lane Lane) error

type place struct {
	ID string `json:"id"`
	Lane
}

type run struct {
	Emitter      string  `json:"emitter"`
	CollectorURL string  `json:"collectorUrl"`
	Cases        []place `json:"cases"`
}

// Run runs the cases that the parent asked for, all of which must be here, and flushes what they emitted.
func Run(cases map[string]Case) {
	if err := runAll(cases); err != nil {
		log.Fatal(err)
	}
}

func runAll(cases map[string]Case) error {
	ctx := context.Background()
	var asked run
	if err := json.Unmarshal([]byte(os.Getenv("OUTLAY_RUN")), &asked); err != nil {
		return err
	}
	provider, err := newProvider(ctx, asked)
	if err != nil {
		return err
	}
	otel.SetTracerProvider(provider)
	ran := []string{}
	for _, place := range asked.Cases {
		if err := runCase(ctx, asked.Emitter, place, cases[place.ID]); err != nil {
			return fmt.Errorf("%s: %w", place.ID, err)
		}
		ran = append(ran, place.ID)
	}
	if err := provider.Shutdown(ctx); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"ran": ran})
}

func newProvider(ctx context.Context, asked run) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(asked.CollectorURL+"/v1/traces"))
	if err != nil {
		return nil, err
	}
	service := resource.NewSchemaless(attribute.String("service.name", asked.Emitter))
	return sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(service)), nil
}

func runCase(ctx context.Context, emitter string, place place, run Case) error {
	if run == nil {
		return fmt.Errorf("no such case")
	}
	ctx, span := otel.Tracer("app").Start(ctx, "handle "+place.ID, trace.WithAttributes(
		attribute.String("outlay.tenant.id", "acme"),
		attribute.String("outlay.feature", emitter),
		attribute.String("outlay.workload", "agent"),
		attribute.String("outlay.task.id", emitter+"/"+place.ID),
	))
	defer span.End()
	return run(ctx, place.Lane)
}
