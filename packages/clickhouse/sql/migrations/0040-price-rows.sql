-- The price book: one row = one price of one meter on one sheet. Rows are recorded, then closed; never edited or deleted.
CREATE TABLE IF NOT EXISTS {{db}}.price_rows {{on_cluster}} (
  row_id UInt64 COMMENT 'Digest of the row',
  card LowCardinality(String) COMMENT 'list, org:…, tenant:… or project:…',
  provider LowCardinality(String) COMMENT 'Who bills',
  model LowCardinality(String) COMMENT 'Canonical model id',
  region LowCardinality(String) COMMENT 'Canonical region; empty for the global list',
  tier LowCardinality(String) COMMENT 'Canonical service tier',
  band UInt8 COMMENT 'Thresholds of the sheet exceeded by the total input',
  meter LowCardinality(String) COMMENT 'Meter the price is for',
  currency LowCardinality(String) DEFAULT 'USD' COMMENT 'Currency of the quote',
  price Decimal(18, 9) COMMENT 'Exactly as quoted, for `per` units',
  per UInt32 COMMENT 'Units the quoted price buys, e.g. 1000000 tokens',
  fusd Int64 COMMENT 'Price of one unit: whole femto-units of the currency',
  ninths UInt8 COMMENT 'Price of one unit: remaining ninths of a femto-unit',
  valid_from DateTime('UTC') COMMENT 'Business time, inclusive',
  valid_to DateTime('UTC') COMMENT 'Business time, exclusive; 2105-12-31 = open',
  revision UInt32 COMMENT 'Revision of the book in which the row became visible',
  recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When we knew it',
  superseded_in UInt32 DEFAULT 0 COMMENT 'Revision that closed the row; 0 = open',
  superseded_at DateTime64(3, 'UTC') DEFAULT '2299-12-31 00:00:00.000' COMMENT 'When the row was closed',
  source LowCardinality(String) COMMENT 'Id of the source',
  source_url String COMMENT 'Where the figure was read',
  checked_at Date COMMENT 'Day the source is known to have shown the figure',
  grade Enum8('A' = 1, 'B' = 2, 'C' = 3, 'D' = 4) COMMENT 'A provider page, B catalogues agree, C one catalogue, D assumed',
  derived_from LowCardinality(String) COMMENT 'published, or the multiplier or inheritance that made the row',
  note String COMMENT 'Remark of the author'
)
ENGINE = {{engine_everywhere:ReplacingMergeTree(superseded_in)}}
ORDER BY (card, provider, model, region, tier, band, meter, valid_from, row_id)
SETTINGS {{table_settings}}
COMMENT 'Price book: dated, bitemporal rows; business time and recorded time'
