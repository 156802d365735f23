-- name: by_id
SELECT to_json(d) AS file FROM directive d WHERE directive_id = %(directive_id)s;

-- name: id_by_number
SELECT directive_id FROM directive WHERE number = %(number)s;

-- name: about_case
SELECT to_json(d) AS file FROM directive d WHERE cases @> ARRAY[%(case_id)s]::uuid[] ORDER BY issued_at, directive_id;

-- name: list
SELECT to_json(d) AS file FROM directive d
WHERE state = ANY(%(states)s)
    AND (%(issuer)s::text IS NULL OR issuer = %(issuer)s)
    AND (%(recipient)s::text IS NULL OR recipient = %(recipient)s)
    AND (%(before_at)s::timestamptz IS NULL OR (updated_at, directive_id) < (%(before_at)s, %(before_id)s))
ORDER BY updated_at DESC, directive_id DESC LIMIT %(limit)s;
