-- The tables of the alternative: those of the usual integration gateway, with its indexes.
create table integrations (
  id uuid primary key,
  provider text not null unique,
  name text not null,
  webhook_secret text not null,
  is_active boolean not null default true,
  created_at timestamptz not null default now()
);

create table webhook_events (
  id uuid primary key,
  integration_id uuid not null references integrations on delete restrict,
  provider text not null,
  external_event_id text not null,
  idempotency_key text not null unique,
  signature_valid boolean not null,
  request_headers jsonb not null,
  raw_payload jsonb not null,
  source_ip inet,
  received_at timestamptz not null default now()
);

create table normalized_events (
  id uuid primary key,
  webhook_event_id uuid not null unique references webhook_events on delete restrict,
  integration_id uuid not null references integrations on delete restrict,
  provider text not null,
  event_type text not null,
  subject text,
  occurred_at timestamptz not null,
  normalized_payload jsonb not null,
  status text not null default 'pending',
  processing_attempts integer not null default 0 check (processing_attempts >= 0),
  created_at timestamptz not null default now()
);

create table processing_jobs (
  id uuid primary key,
  normalized_event_id uuid not null references normalized_events on delete restrict,
  queue_name text not null,
  triggered_by text not null,
  status text not null default 'queued',
  attempt_no integer not null check (attempt_no > 0),
  scheduled_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);

create table audit_entries (
  id bigserial primary key,
  entity_type text not null,
  entity_id uuid not null,
  action text not null,
  actor text not null,
  details jsonb not null,
  created_at timestamptz not null default now()
);

-- What delivering needs.
create table destinations (
  id uuid primary key,
  integration_id uuid not null references integrations on delete restrict,
  url text not null,
  secret text not null,
  is_active boolean not null default true
);
create index destinations_of_integration on destinations (integration_id);

create table delivery_attempts (
  id uuid primary key,
  normalized_event_id uuid not null references normalized_events on delete restrict,
  destination_id uuid not null references destinations on delete restrict,
  attempt_no integer not null check (attempt_no > 0),
  status text not null,
  http_status integer,
  response_body text,
  duration_ms integer not null,
  created_at timestamptz not null default now(),
  unique (normalized_event_id, destination_id, attempt_no)
);
