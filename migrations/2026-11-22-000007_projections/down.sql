DROP VIEW order_search_entries, order_statistics, active_projections;
DROP TABLE order_search, order_stats_daily, projections;
