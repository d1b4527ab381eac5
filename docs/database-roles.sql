-- The roles that the services work with, and what each may do. Run this in the database of Orders, which is Orders' alone, as a
-- superuser or as the database's owner with CREATEROLE; as often as wanted, before the first migration or at any time after it:
--
--     psql --single-transaction --file docs/database-roles.sql 'postgres://postgres@HOST/orders'
--
-- Then give those a password that log in with one: \password orders_writer, and so on.
--
--   orders_owner   owns the schema: `command-service migrate`, and --migration-database-url of `serve --migrate`
--   orders_writer  reads and writes rows: --database-url of every other command-service (serve, relay, projections)
--   orders_reader  reads rows: --database-url of query-service

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['orders_owner', 'orders_writer', 'orders_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
    END LOOP;
    -- Whoever says what the owner's tables grant has to be a member.
    IF NOT pg_has_role(current_user, 'orders_owner', 'MEMBER') THEN
        EXECUTE format('GRANT orders_owner TO %I', current_user);
    END IF;
    -- The services read PostgreSQL's errors, in English. Only a superuser may say so; where it is not said, and the server speaks
    -- another language, they do not start.
    IF current_setting('is_superuser') = 'on' THEN
        FOREACH role IN ARRAY ARRAY['orders_owner', 'orders_writer', 'orders_reader'] LOOP
            EXECUTE format('ALTER ROLE %I SET lc_messages TO %L', role, 'C');
        END LOOP;
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO orders_owner, orders_writer, orders_reader', current_database());
END
$$;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO orders_owner;
GRANT USAGE ON SCHEMA public TO orders_writer, orders_reader;

-- What is there already, because somebody else migrated before. Sequences of columns go with their tables.
DO $$
DECLARE
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name,
            CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
            AND c.relowner <> 'orders_owner'::regrole
            AND NOT EXISTS (SELECT FROM pg_depend AS d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i', 'e')
                    AND d.refclassid IN ('pg_class'::regclass, 'pg_extension'::regclass))
    LOOP
        EXECUTE format('ALTER %s %s OWNER TO orders_owner', relation.kind, relation.name);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO orders_writer;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO orders_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO orders_reader;

-- What later migrations make.
ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO orders_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO orders_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner IN SCHEMA public
    GRANT SELECT ON TABLES TO orders_reader;
