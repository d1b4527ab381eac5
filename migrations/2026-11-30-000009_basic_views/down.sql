SET LOCAL lock_timeout = '3s';

ALTER TABLE orders DROP COLUMN basic_view, DROP COLUMN basic_view_version;
