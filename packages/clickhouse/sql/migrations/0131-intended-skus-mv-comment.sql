-- Says what the view is for, where a reader of the schema looks.
ALTER TABLE {{db}}.intended_skus_mv {{on_cluster}}
  MODIFY COMMENT 'Feeds skus from calls: what each degraded call was asked for, so that its saving can be priced'
