-- Version 6: the revision tells how many changes moved nothing beside the thing they name, and who has
-- a role is found without looking at everybody.

ALTER TABLE revision ADD COLUMN narrow BIGINT NOT NULL DEFAULT 0;

DROP INDEX subject_role_role;
CREATE INDEX subject_role_role ON subject_role (role, subject_kind, subject_id);
