-- The tenant selects the book: a row with a tenant says by which book that tenant is priced, in the table of the windows,
-- so that both are swapped at once.
ALTER TABLE {{db}}.price_window_rows {{on_cluster}}
  ADD COLUMN IF NOT EXISTS tenant LowCardinality(String) DEFAULT '' COMMENT 'Set where the row selects a book for a tenant and holds no prices' AFTER book,
  ADD COLUMN IF NOT EXISTS scoped_book String DEFAULT '' COMMENT 'Book that prices the tenant' AFTER tenant,
  ADD COLUMN IF NOT EXISTS book_key UInt64 DEFAULT cityHash64(scoped_book) COMMENT 'Digest of that book' AFTER scoped_book,
  ADD COLUMN IF NOT EXISTS own_currency UInt8 DEFAULT 0 COMMENT '1 = prices in the currency of the sheet, for amounts that are no dollars' AFTER sku,
  MODIFY COLUMN key UInt64 DEFAULT multiIf(toString(tenant) != '', cityHash64(toString(book), toString(tenant)), own_currency = 1, cityHash64(cityHash64(toString(book)), sku, 'own'), cityHash64(cityHash64(toString(book)), sku)) COMMENT 'Key of the dictionary: digest of book and sku, or of book and tenant'
