-- Says what the view is for, where a reader of the schema looks.
ALTER TABLE {{db}}.skus_mv {{on_cluster}}
  MODIFY COMMENT 'Feeds skus from calls: what each call was priced by'
