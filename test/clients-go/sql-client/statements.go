package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// statement is one of those that run at once.
type statement struct {
	SQL string `json:"sql"`
	// Parameters are sent beside the statement, as text.
	Parameters map[string]string `json:"parameters"`
	// Way: "query" reads rows, "digest" reads them and reports a digest only, "exec" and "batch" write.
	Way string `json:"way"`
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

type answer struct {
	Columns  []column `json:"columns,omitempty"`
	Rows     [][]any  `json:"rows,omitempty"`
	RowCount int      `json:"rowCount"`
	// Digest is the SHA-256 of the rows as lines of JSON.
	Digest    string `json:"digest,omitempty"`
	Error     string `json:"error,omitempty"`
	Cancelled bool   `json:"cancelled"`
}

type driverReport struct {
	DisplayName     string   `json:"displayName"`
	Version         string   `json:"version"`
	Revision        uint64   `json:"revision"`
	Timezone        string   `json:"timezone"`
	PingError       string   `json:"pingError,omitempty"`
	IdleConnections int      `json:"idleConnections"`
	Answers         []answer `json:"answers"`
}

func askDriver(ctx context.Context, given task) (*driverReport, error) {
	options, err := given.Connection.options()
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	report := &driverReport{Answers: []answer{}}
	if err := conn.Ping(ctx); err != nil {
		report.PingError = err.Error()
		return report, nil
	}
	server, err := conn.ServerVersion()
	if err != nil {
		return nil, err
	}
	report.DisplayName, report.Version = server.DisplayName, server.Version.String()
	report.Revision, report.Timezone = server.Revision, server.Timezone.String()
	report.Answers = make([]answer, len(given.Statements))
	var waiting sync.WaitGroup
	for i, one := range given.Statements {
		waiting.Go(func() { report.Answers[i] = one.run(ctx, conn) })
	}
	waiting.Wait()
	report.IdleConnections = conn.Stats().Idle
	return report, nil
}

func (s statement) run(ctx context.Context, conn driver.Conn) answer {
	var result answer
	var err error
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(s.Parameters))
	switch s.Way {
	case "query", "digest":
		err = s.read(ctx, conn, &result)
	case "exec":
		err = conn.Exec(ctx, s.SQL)
	case "batch":
		err = s.writeBatch(ctx, conn)
	default:
		err = errors.New("unknown way " + s.Way)
	}
	if err != nil {
		result.Error = err.Error()
		result.Cancelled = errors.Is(err, context.Canceled)
	}
	return result
}

// writeBatch sends one row of one number.
func (s statement) writeBatch(ctx context.Context, conn driver.Conn) error {
	batch, err := conn.PrepareBatch(ctx, s.SQL)
	if err != nil {
		return err
	}
	if err := batch.Append(uint64(1)); err != nil {
		return err
	}
	return batch.Send()
}

func (s statement) read(ctx context.Context, conn driver.Conn, result *answer) error {
	rows, err := conn.Query(ctx, s.SQL)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	types := rows.ColumnTypes()
	for _, one := range types {
		result.Columns = append(result.Columns, column{one.Name(), one.DatabaseTypeName()})
	}
	digest := sha256.New()
	lines := json.NewEncoder(digest)
	for rows.Next() {
		cells := make([]any, len(types))
		for i, one := range types {
			cells[i] = reflect.New(one.ScanType()).Interface()
		}
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		for i, one := range types {
			if cells[i], err = plainValue(reflect.ValueOf(cells[i]), one.DatabaseTypeName()); err != nil {
				return err
			}
		}
		result.RowCount++
		if s.Way == "query" {
			result.Rows = append(result.Rows, cells)
		} else if err := lines.Encode(cells); err != nil {
			return err
		}
	}
	if s.Way == "digest" {
		result.Digest = hex.EncodeToString(digest.Sum(nil))
	}
	return rows.Err()
}
