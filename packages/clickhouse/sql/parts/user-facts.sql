-- Users as they hold at as_of, by their key.
  user_facts AS (
    SELECT cityHash64(toString(tenant), user) AS user_key, argMax((tier, signup_month, seat_price_usd), (valid_from, loaded_at)) AS user_fact
    FROM {{db}}.users WHERE valid_from < as_of_or_now GROUP BY tenant, user
  )
