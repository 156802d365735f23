-- name: of_account
SELECT view_id, login, name, address, shared FROM saved_view
WHERE login = %(login)s OR shared ORDER BY login <> %(login)s, name, view_id LIMIT %(limit)s;

-- Keeps a list under a name; the same name of the same person is written over. So many are kept, and no more.
-- name: keep
INSERT INTO saved_view (view_id, login, name, address, shared, saved_at)
SELECT %(view_id)s, %(login)s, %(name)s, %(address)s, %(shared)s, %(now)s
WHERE (SELECT count(*) FROM saved_view WHERE login = %(login)s AND name <> %(name)s) < %(limit)s
ON CONFLICT (login, name) DO UPDATE SET address = excluded.address, shared = excluded.shared, saved_at = excluded.saved_at
RETURNING view_id;

-- name: forget
DELETE FROM saved_view WHERE view_id = %(view_id)s AND login = %(login)s;
