DELETE FROM feed_cursors WHERE name = 'relay';
DROP TABLE parked_orders;
DROP TABLE leases;
