// An app with the OpenTelemetry SDK for Go: emits the spans that the JSON on its input asks for and says which ids they got
// and every error that the SDK reported.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Of a whole export, its retries included.
const timeout = 60 * time.Second

// One attribute; integers are texts, since JSON cannot say them all.
type typed struct {
	Key     string    `json:"key"`
	String  *string   `json:"string"`
	Int     *string   `json:"int"`
	Double  *float64  `json:"double"`
	Bool    *bool     `json:"bool"`
	Strings []string  `json:"strings"`
	Ints    []int64   `json:"ints"`
	Doubles []float64 `json:"doubles"`
	Bools   []bool    `json:"bools"`
}

type task struct {
	Transport string            `json:"transport"`
	Endpoint  string            `json:"endpoint"`
	Gzip      bool              `json:"gzip"`
	Headers   map[string]string `json:"headers"`
	// Spans of one export.
	BatchSize int       `json:"batchSize"`
	Resource  []typed   `json:"resource"`
	Spans     [][]typed `json:"spans"`
}

type sent struct {
	TraceID       string `json:"traceId"`
	SpanID        string `json:"spanId"`
	StartUnixNano string `json:"startUnixNano"`
	EndUnixNano   string `json:"endUnixNano"`
}

type report struct {
	Sent   []sent   `json:"sent"`
	Errors []string `json:"errors"`
}

// What the SDK reports, from whichever of its goroutines.
type errorList struct {
	mutex sync.Mutex
	texts []string
}

func (list *errorList) add(err error) {
	if err == nil {
		return
	}
	list.mutex.Lock()
	defer list.mutex.Unlock()
	list.texts = append(list.texts, err.Error())
}

func (list *errorList) all() []string {
	list.mutex.Lock()
	defer list.mutex.Unlock()
	return append([]string{}, list.texts...)
}

func keyValue(one typed) (attribute.KeyValue, error) {
	key := attribute.Key(one.Key)
	switch {
	case one.String != nil:
		return key.String(*one.String), nil
	case one.Int != nil:
		value, err := strconv.ParseInt(*one.Int, 10, 64)
		return key.Int64(value), err
	case one.Double != nil:
		return key.Float64(*one.Double), nil
	case one.Bool != nil:
		return key.Bool(*one.Bool), nil
	case one.Strings != nil:
		return key.StringSlice(one.Strings), nil
	case one.Ints != nil:
		return key.Int64Slice(one.Ints), nil
	case one.Doubles != nil:
		return key.Float64Slice(one.Doubles), nil
	case one.Bools != nil:
		return key.BoolSlice(one.Bools), nil
	}
	return attribute.KeyValue{}, fmt.Errorf("%s has no value", one.Key)
}

func keyValues(all []typed) ([]attribute.KeyValue, error) {
	values := make([]attribute.KeyValue, 0, len(all))
	for _, one := range all {
		value, err := keyValue(one)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

func newExporter(ctx context.Context, asked task) (sdktrace.SpanExporter, error) {
	if asked.Transport == "grpc" {
		options := []otlptracegrpc.Option{
			otlptracegrpc.WithEndpoint(asked.Endpoint),
			otlptracegrpc.WithInsecure(),
			otlptracegrpc.WithHeaders(asked.Headers),
			otlptracegrpc.WithTimeout(timeout),
		}
		if asked.Gzip {
			options = append(options, otlptracegrpc.WithCompressor("gzip"))
		}
		return otlptracegrpc.New(ctx, options...)
	}
	compression := otlptracehttp.NoCompression
	if asked.Gzip {
		compression = otlptracehttp.GzipCompression
	}
	return otlptracehttp.New(ctx,
		otlptracehttp.WithEndpoint(asked.Endpoint),
		otlptracehttp.WithInsecure(),
		otlptracehttp.WithHeaders(asked.Headers),
		otlptracehttp.WithTimeout(timeout),
		otlptracehttp.WithCompression(compression),
	)
}

// Every span is a trace of its own, with a link to the one before it and an event: what a ledger has no use for must not
// cost it the span.
func emit(ctx context.Context, tracer trace.Tracer, spans [][]typed) ([]sent, error) {
	all := make([]sent, 0, len(spans))
	before := trace.SpanContext{}
	for _, asked := range spans {
		attributes, err := keyValues(asked)
		if err != nil {
			return nil, err
		}
		options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...)}
		if before.IsValid() {
			options = append(options, trace.WithLinks(trace.Link{SpanContext: before}))
		}
		_, span := tracer.Start(ctx, "chat gpt-5", options...)
		span.AddEvent("first token", trace.WithAttributes(attribute.Int("app.token", 1)))
		span.End()
		before = span.SpanContext()
		ended := span.(sdktrace.ReadOnlySpan)
		all = append(all, sent{
			TraceID:       before.TraceID().String(),
			SpanID:        before.SpanID().String(),
			StartUnixNano: strconv.FormatInt(ended.StartTime().UnixNano(), 10),
			EndUnixNano:   strconv.FormatInt(ended.EndTime().UnixNano(), 10),
		})
	}
	return all, nil
}

func run(asked task) (report, error) {
	ctx := context.Background()
	errors := &errorList{}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(errors.add))
	exporter, err := newExporter(ctx, asked)
	if err != nil {
		return report{}, err
	}
	about, err := keyValues(asked.Resource)
	if err != nil {
		return report{}, err
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithResource(resource.NewSchemaless(about...)),
		sdktrace.WithBatcher(exporter,
			sdktrace.WithBlocking(),
			sdktrace.WithMaxExportBatchSize(asked.BatchSize),
			sdktrace.WithExportTimeout(timeout),
		),
	)
	all, err := emit(ctx, provider.Tracer("go-app", trace.WithInstrumentationVersion("1.2.3")), asked.Spans)
	if err != nil {
		return report{}, err
	}
	errors.add(provider.ForceFlush(ctx))
	errors.add(provider.Shutdown(ctx))
	return report{Sent: all, Errors: errors.all()}, nil
}

func main() {
	var asked task
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	said, err := run(asked)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		log.Fatal(err)
	}
}
