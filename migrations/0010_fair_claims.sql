-- The queue by whom it is for: when some have enough under way, what is due for the others is found without reading past
-- the jobs of those that stand in front.
create index jobs_shares on jobs (kind, (case when kind = 'process' then tenant_id else lane end), run_at) where status = 'queued' and not held;
