-- Some schemes verify with a further key beside the ordinary one (Box: a secondary key with a header of its own;
-- Upstash: the next signing key). The slot says which of the scheme's keys this is; null is the ordinary one.
alter table integration_keys add column slot text;
