-- What the events of each type look like, learnt from samples, and what somebody says they must look like.
create table event_schemas (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  integration_id uuid not null references integrations on delete cascade,
  event_type text not null check (octet_length(event_type) <= 800),
  -- Place to types, as in base/lib/json-shape.ts.
  shape jsonb not null default '{}',
  samples integer not null default 0,
  -- From then on a difference is a drift; until then it is learning.
  learnt_at timestamptz,
  last_sample_at timestamptz,
  json_schema jsonb,
  policy text not null default 'accept' check (policy in ('accept', 'park', 'refuse')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (integration_id, event_type)
);

-- One row for each difference, found once: what was seen becomes known.
create table schema_drifts (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  schema_id uuid not null references event_schemas on delete cascade,
  kind text not null check (kind in ('new_type', 'new_field', 'type_change', 'mismatch')),
  place text not null,
  before text[] not null,
  after text[] not null,
  -- Of a mismatch: what the schema asks.
  detail text,
  event_id uuid not null,
  found_at timestamptz not null
);
-- Two watchers that see the same sample tell of it once.
create unique index schema_drifts_once on schema_drifts (schema_id, kind, place, after, coalesce(detail, ''));
create index schema_drifts_of on schema_drifts (schema_id, id);

-- How far samples have been taken. One row; whoever holds it is the only one who takes samples.
create table schema_watch (
  only_one boolean primary key default true check (only_one),
  seen_to uuid not null
);
insert into schema_watch (seen_to) values (id_floor(now()));
