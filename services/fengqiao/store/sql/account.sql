-- name: by_login
SELECT login, name, role, password_hash FROM account WHERE login = %(login)s;

-- name: seed
INSERT INTO account (login, name, role, password_hash) VALUES (%(login)s, %(name)s, %(role)s, %(password_hash)s)
ON CONFLICT (login) DO NOTHING;

-- name: put
WITH ended AS (DELETE FROM session WHERE login = %(login)s)
INSERT INTO account (login, name, role, password_hash) VALUES (%(login)s, %(name)s, %(role)s, %(password_hash)s)
ON CONFLICT (login) DO UPDATE SET name = excluded.name, role = excluded.role, password_hash = excluded.password_hash;

-- name: all
SELECT login, name, role, password_hash FROM account ORDER BY login;

-- name: open_session
INSERT INTO session (token_hash, login, opened_at, expires_at) VALUES (%(token_hash)s, %(login)s, %(now)s, %(expires_at)s);

-- name: session
SELECT account.login, account.name, account.role, account.password_hash FROM session
JOIN account ON account.login = session.login
WHERE session.token_hash = %(token_hash)s AND session.expires_at > %(now)s;

-- name: close_session
DELETE FROM session WHERE token_hash = %(token_hash)s OR expires_at <= %(now)s;
