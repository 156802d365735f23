-- name: store
INSERT INTO attachment (sha256, media_type, content, stored_at) VALUES (%(sha256)s, %(media_type)s, %(content)s, %(now)s)
ON CONFLICT (sha256) DO NOTHING;

-- name: content
SELECT sha256, media_type, content FROM attachment WHERE sha256 = %(sha256)s;
