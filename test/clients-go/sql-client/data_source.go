package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
	"github.com/grafana/sqlds/v5"
)

// panel is one query as a dashboard holds it, its variables replaced and its macros not.
type panel struct {
	Name   string `json:"name"`
	RawSQL string `json:"rawSql"`
	Format uint32 `json:"format"`
}

type sourceDriver struct{ secret string }

func (d sourceDriver) Connect(_ context.Context, settings backend.DataSourceInstanceSettings, _ json.RawMessage) (*sql.DB, error) {
	var given connection
	if err := json.Unmarshal(settings.JSONData, &given); err != nil {
		return nil, err
	}
	given.Password = d.secret
	options, err := given.options()
	if err != nil {
		return nil, err
	}
	open, idle := options.MaxOpenConns, options.MaxIdleConns
	// The driver wants these of the pool of database/sql, and not of its own.
	options.MaxOpenConns, options.MaxIdleConns = 0, 0
	db := clickhouse.OpenDB(options)
	db.SetMaxOpenConns(open)
	db.SetMaxIdleConns(idle)
	return db, nil
}

func (sourceDriver) Settings(context.Context, backend.DataSourceInstanceSettings) sqlds.DriverSettings {
	return sqlds.DriverSettings{Timeout: time.Minute}
}

func (sourceDriver) Macros() sqlds.Macros {
	moment := func(at time.Time) string { return fmt.Sprintf("toDateTime(%d)", at.Unix()) }
	return sqlds.Macros{
		"fromTime": func(query *sqlds.Query, _ []string) (string, error) { return moment(query.TimeRange.From), nil },
		"toTime":   func(query *sqlds.Query, _ []string) (string, error) { return moment(query.TimeRange.To), nil },
	}
}

func (sourceDriver) Converters() []sqlutil.Converter { return converters() }

type frame struct {
	Name   string   `json:"name"`
	Fields []column `json:"fields"`
	Rows   [][]any  `json:"rows"`
	Error  string   `json:"error,omitempty"`
}

type sourceReport struct {
	Health        string  `json:"health"`
	HealthMessage string  `json:"healthMessage"`
	Frames        []frame `json:"frames"`
}

func askDataSource(ctx context.Context, given task) (*sourceReport, error) {
	settings, err := json.Marshal(given.Connection)
	if err != nil {
		return nil, err
	}
	instance := backend.DataSourceInstanceSettings{UID: "outlay", Name: "Outlay", Type: "sql", JSONData: settings}
	source := sqlds.NewDatasource(sourceDriver{secret: given.Connection.Password})
	if _, err := source.NewDatasource(ctx, instance); err != nil {
		return &sourceReport{Health: "ERROR", HealthMessage: err.Error()}, nil
	}
	defer source.Dispose()
	plugin := backend.PluginContext{DataSourceInstanceSettings: &instance}
	health, err := source.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: plugin})
	if err != nil {
		return nil, err
	}
	report := &sourceReport{Health: health.Status.String(), HealthMessage: health.Message}
	request := &backend.QueryDataRequest{PluginContext: plugin}
	for _, one := range given.Queries {
		model, err := json.Marshal(one)
		if err != nil {
			return nil, err
		}
		window := backend.TimeRange{From: time.UnixMilli(given.FromMs), To: time.UnixMilli(given.ToMs)}
		request.Queries = append(request.Queries, backend.DataQuery{RefID: one.Name, JSON: model, TimeRange: window})
	}
	response, err := source.QueryData(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, one := range given.Queries {
		result := response.Responses[one.Name]
		read, err := readFrame(one.Name, result)
		if err != nil {
			return nil, err
		}
		report.Frames = append(report.Frames, read)
	}
	return report, nil
}

func readFrame(name string, result backend.DataResponse) (frame, error) {
	read := frame{Name: name, Fields: []column{}, Rows: [][]any{}}
	if result.Error != nil {
		read.Error = result.Error.Error()
		return read, nil
	}
	if len(result.Frames) != 1 {
		return read, fmt.Errorf("%s: %d frames where one was expected", name, len(result.Frames))
	}
	fields := result.Frames[0].Fields
	for _, field := range fields {
		read.Fields = append(read.Fields, column{field.Name, field.Type().ItemTypeString()})
	}
	for at := range result.Frames[0].Rows() {
		cells := make([]any, len(fields))
		for i, field := range fields {
			var err error
			if cells[i], err = plainValue(reflect.ValueOf(field.At(at)), "DateTime"); err != nil {
				return read, err
			}
		}
		read.Rows = append(read.Rows, cells)
	}
	return read, nil
}
