-- Version 6: the revision tells how many changes moved nothing beside the thing they name.

ALTER TABLE revision ADD COLUMN narrow BIGINT NOT NULL DEFAULT 0;
