-- The same words for less: a letter and the pair that it begins are given side by side, without a window over the text.
-- What an index holds already stays right, for only the order of the words differs, and which are said twice.

SET LOCAL lock_timeout = '5s';

CREATE OR REPLACE FUNCTION case_grams(chunk bigint, body text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(chunk || ':' || letter), '{}')
        || coalesce(array_agg(chunk || ':' || letter || next) FILTER (WHERE next !~ '\s'), '{}')
    FROM unnest(string_to_array(body, NULL), (string_to_array(body, NULL))[2:]) AS letters (letter, next)
    WHERE letter !~ '\s'
$$;

-- Upkeep stores words in batches, and has each batch sorted into the index right after (`store.case_lines`).
ALTER INDEX case_word_grams SET (fastupdate = on);
