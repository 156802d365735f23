-- The course of a case between registration and the citizen's last word. It travels and is stored as one value; what
-- locks look for stands beside it in a column that PostgreSQL derives.

ALTER TABLE case_file
    ADD COLUMN course jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN merged_into uuid GENERATED ALWAYS AS ((course ->> 'merged_into')::uuid) STORED;

CREATE INDEX case_file_merged ON case_file (merged_into) WHERE merged_into IS NOT NULL;

ALTER TABLE case_file
    DROP CONSTRAINT case_file_state_check,
    DROP CONSTRAINT case_file_role_check,
    DROP CONSTRAINT assigned_has_unit,
    DROP CONSTRAINT resolved_not_offered,
    ADD CONSTRAINT case_file_state_check CHECK (state IN ('registered', 'accepted', 'assigned', 'disputed', 'submitted',
        'signed_off', 'replied', 'resolved')),
    ADD CONSTRAINT case_file_role_check CHECK (role IN ('holder', 'candidate', 'follower', 'arbiter', 'bystander')),
    ADD CONSTRAINT assigned_has_unit CHECK (state NOT IN ('assigned', 'disputed', 'submitted', 'signed_off', 'replied')
        OR (unit <> '' AND first_receiver_fixed)),
    ADD CONSTRAINT offered_while_open CHECK (offer_id IS NULL OR state IN ('registered', 'accepted', 'assigned')),
    ADD CONSTRAINT offered_moves CHECK (offer_id IS NULL
        OR NOT (course ? 'application' OR course ? 'suspension' OR course ? 'merged_into')),
    ADD CONSTRAINT disputed_has_question CHECK ((state = 'disputed') = (course ? 'arbitration')),
    ADD CONSTRAINT arbiter_has_question CHECK (role <> 'arbiter' OR course ? 'arbitration'),
    ADD CONSTRAINT signed_off_by_second CHECK (course ->> 'signed_off_by' <> course -> 'submission' ->> 'by'),
    ADD CONSTRAINT signed_off_is_signed CHECK (state NOT IN ('signed_off', 'replied')
        OR (course ? 'submission' AND course ? 'signed_off_by')),
    ADD CONSTRAINT suspended_by_two CHECK (course -> 'suspension' ->> 'approved_by' <> course -> 'suspension' ->> 'by'),
    ADD CONSTRAINT extended_by_two CHECK (course -> 'extension' ->> 'approved_by' <> course -> 'extension' ->> 'by'),
    ADD CONSTRAINT unreasonable_is_explained CHECK (NOT course ? 'unreasonable' OR closing IS NULL
        OR closing IN ('explained', 'withdrawn')),
    ADD CONSTRAINT resolved_stands_open CHECK (state <> 'resolved' OR NOT (course ? 'application' OR course ? 'suspension'));
