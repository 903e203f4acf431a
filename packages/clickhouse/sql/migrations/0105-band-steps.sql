-- The bands of the KPIs as verdicts look them up: the edges of a band in order, each with the verdict that begins there.
-- The edge of an upper bound belongs to the verdict below it, so the next larger number stands for it.
CREATE OR REPLACE DICTIONARY {{db}}.band_steps {{on_cluster}} (
  band String,
  edges Array(Float64),
  verdicts Array(String)
)
PRIMARY KEY band
SOURCE(CLICKHOUSE(QUERY 'SELECT band, arraySort(groupArray(edge)) AS edges, arrayMap(step -> step.2, arraySort(groupArray((edge, verdict)))) AS verdicts FROM (SELECT toString(band) AS band, toString(verdict) AS verdict, if(strict = 1, reinterpretAsFloat64(reinterpretAsInt64(lower) + 1), lower) AS edge FROM {{db}}.bands WHERE version = (SELECT max(version) FROM {{db}}.bands)) GROUP BY band'))
LIFETIME(MIN 20 MAX 40)
LAYOUT(COMPLEX_KEY_HASHED())
COMMENT 'Edges and verdicts of each band of the latest version'
