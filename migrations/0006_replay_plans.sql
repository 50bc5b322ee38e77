-- Replaying many events: a plan says how many and where to, is confirmed by somebody, runs at its rate, and can be
-- cancelled. It holds what it selects, not the list of it, and a cursor that only moves forward.

create table replay_plans (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  requested_by uuid not null references principals,
  note text,
  reason text not null,
  -- The same key asks for the same plan.
  request_key text,
  request_digest bytea,
  selection jsonb not null,
  destination_id uuid,
  rate_per_minute integer not null check (rate_per_minute > 0),
  status text not null check (status in ('planned', 'running', 'completed', 'cancelled', 'expired')),
  -- As counted when it was planned.
  planned integer not null,
  -- The events it selects lie from here to here; nothing that comes later is drawn in.
  first_id uuid not null,
  last_id uuid not null,
  -- Up to here it is done.
  after_id uuid,
  replayed integer not null default 0,
  -- Under way already, replayed a moment ago, or not selected any more.
  skipped integer not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  confirmed_at timestamptz,
  confirmed_by text,
  -- The runner took events up to the rate's due at this time.
  ran_until timestamptz,
  finished_at timestamptz
);
create unique index replay_plans_once on replay_plans (tenant_id, request_key) where request_key is not null;
create index replay_plans_of on replay_plans (tenant_id, id);
create index replay_plans_running on replay_plans (id) where status = 'running';

alter table replays
  add column plan_id uuid,
  add column request_key text,
  add column request_digest bytea;
create unique index replays_once on replays (tenant_id, request_key) where request_key is not null;
create index replays_of_plan on replays (plan_id, status) where plan_id is not null;
