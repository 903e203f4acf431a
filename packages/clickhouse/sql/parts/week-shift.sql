-- The 7 days before the end of the window, and the 7 days before those.
  to_or_now - INTERVAL 7 DAY AS week_from,
  to_or_now - INTERVAL 14 DAY AS week_before_from
