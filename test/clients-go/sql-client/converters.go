package main

import (
	"reflect"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/data/sqlutil"
	"github.com/shopspring/decimal"
)

const money = "Decimal(38, 15)"

// nullable scans into a pointer, which the SQL layer's own converters do not: the driver names the scan types of
// nullable columns as pointers and delivers NULL as nil.
func nullable[In, Out any](typeName string, fieldType data.FieldType, convert func(In) Out) sqlutil.Converter {
	return sqlutil.Converter{
		Name:          "nullable " + typeName,
		InputTypeName: "Nullable(" + typeName + ")",
		// The layer allocates what this points to.
		InputScanType: reflect.TypeFor[**In](),
		FrameConverter: sqlutil.FrameConverter{FieldType: fieldType, ConverterFunc: func(in any) (any, error) {
			value := *in.(**In)
			if value == nil {
				return (*Out)(nil), nil
			}
			converted := convert(*value)
			return &converted, nil
		}},
	}
}

func same[T any](value T) T { return value }

// converters puts what a frame has no type for into one that it has: decimals become floats.
func converters() []sqlutil.Converter {
	return []sqlutil.Converter{
		{
			Name: money, InputTypeName: money, InputScanType: reflect.TypeFor[decimal.Decimal](),
			FrameConverter: sqlutil.FrameConverter{FieldType: data.FieldTypeFloat64, ConverterFunc: func(in any) (any, error) {
				return in.(*decimal.Decimal).InexactFloat64(), nil
			}},
		},
		nullable(money, data.FieldTypeNullableFloat64, decimal.Decimal.InexactFloat64),
		nullable("Float64", data.FieldTypeNullableFloat64, same[float64]),
		nullable("UInt64", data.FieldTypeNullableUint64, same[uint64]),
		nullable("Date", data.FieldTypeNullableTime, same[time.Time]),
		nullable("DateTime('UTC')", data.FieldTypeNullableTime, same[time.Time]),
	}
}
