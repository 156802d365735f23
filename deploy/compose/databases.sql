-- A database for each centre of the county; their tables are made by `fengqiao migrate`. The locale C.UTF-8 has pg_trgm see
-- Chinese characters as letters. The role is for postgres-exporter.
\getenv exporter_password POSTGRES_EXPORTER_PASSWORD
CREATE ROLE exporter LOGIN PASSWORD :'exporter_password' IN ROLE pg_monitor;
CREATE DATABASE fengqiao_371401 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
CREATE DATABASE fengqiao_371401001 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
CREATE DATABASE fengqiao_371401002 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
CREATE DATABASE fengqiao_371401003 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
