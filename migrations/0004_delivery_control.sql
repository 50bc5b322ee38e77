-- How each destination wants to be delivered to, what has become of it, and the jobs that wait for it.

alter table destinations
  -- Off only where somebody says so; shown, and on record.
  add column tls_verify boolean not null default true,
  -- How we prove who we are: kind and public parts; what is secret stands sealed beside it.
  add column auth jsonb,
  add column auth_sealed bytea,
  -- Deliveries under way at one time, and begun a minute, over all workers.
  add column max_concurrency integer check (max_concurrency > 0),
  add column rate_per_minute integer check (rate_per_minute > 0),
  -- Where the key is read whose events are delivered one after the other, and what happens behind one that fails.
  add column order_by text,
  add column order_policy text not null default 'block' check (order_policy in ('block', 'skip', 'park')),
  add column order_after integer not null default 3 check (order_after > 0),
  -- Opens after so many failures in a row; zero: never.
  add column breaker_failures integer not null default 10 check (breaker_failures >= 0),
  add column breaker_open_ms integer not null default 30000 check (breaker_open_ms > 0),
  -- Disabled after failing for so long without one success; null: never.
  add column disable_after_hours integer default 120 check (disable_after_hours > 0),
  -- Its jobs are claimed one lane at a time, under a lock that every worker shares.
  add column governed boolean not null generated always as
    (max_concurrency is not null or rate_per_minute is not null or order_by is not null) stored;

-- Apart from the configuration, because it changes with the traffic. No row: nothing has happened yet.
create table destination_health (
  destination_id uuid primary key references destinations on delete cascade,
  -- In a row, up to now.
  failures integer not null default 0,
  failing_since timestamptz,
  -- The circuit: null is closed, later than now is open, past is half-open.
  open_until timestamptz,
  trips integer not null default 0,
  -- Half-open: one delivery is under way to find out, and nobody else begins another before this.
  probe_until timestamptz,
  -- The theoretical arrival time of the rate limit (GCRA).
  next_at timestamptz
);

alter table jobs
  -- Not claimed in the order of the queue, but lane by lane: its destination is paused, its circuit open, or it is
  -- governed, or there are so many of one lane that they would stand in front of the others.
  add column held boolean not null default false,
  add column order_key uuid,
  -- A failed delivery that somebody has dealt with: the replay that made another, or whoever dismissed it.
  add column closed_by uuid;

drop index jobs_ready;
-- By kind: a backlog of deliveries must not stand in front of the events still to be processed.
create index jobs_ready on jobs (kind, run_at) where status = 'queued' and not held;
-- Processing is shared out between tenants, delivery between destinations.
create index jobs_held on jobs ((case when kind = 'process' then tenant_id else lane end), run_at) where status = 'queued' and held;
-- What stands in front of a delivery of the same key.
create index jobs_ordered on jobs (lane, order_key, event_id) where order_key is not null and status <> 'succeeded' and closed_by is null;
-- Dead letters.
create index jobs_dead on jobs (event_id, id) where kind = 'deliver' and status = 'failed' and closed_by is null and not shadow;

-- What a machine did or saw that somebody should know.
create table alerts (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  kind text not null,
  destination_id uuid references destinations on delete cascade,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  acknowledged_at timestamptz,
  acknowledged_by text
);
create index alerts_of on alerts (tenant_id, id);

-- A replay may be meant for one destination only.
alter table replays add column destination_id uuid;
