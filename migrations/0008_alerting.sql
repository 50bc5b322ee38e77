-- Alerts that last: opened once for one cause, resolved when it is gone, and told to whoever wants to know.

-- Who was told what, and what it was told by, goes with the alert.
alter table alerts
  -- What it is about: a destination, an integration, a key, or the tenant as a whole.
  add column subject uuid,
  add column integration_id uuid references integrations on delete cascade,
  -- The last time its condition held.
  add column last_seen_at timestamptz,
  add column resolved_at timestamptz;
-- Until now they were notes of a moment. What still holds is found again.
update alerts set subject = coalesce(destination_id, tenant_id), last_seen_at = created_at, resolved_at = now(),
  kind = case kind when 'circuit_opened' then 'circuit_open' else kind end;
alter table alerts alter column subject set not null, alter column last_seen_at set not null;
-- Of any number of workers that see one cause, one opens the alert.
create unique index alerts_once on alerts (tenant_id, kind, subject) where resolved_at is null;
create index alerts_lasting on alerts (kind, last_seen_at) where resolved_at is null;
create index alerts_over on alerts (resolved_at) where resolved_at is not null;

-- A row only where a tenant wants it otherwise than it is by default (base/model/alert.ts).
create table alert_rules (
  tenant_id uuid not null references tenants,
  kind text not null,
  enabled boolean not null,
  -- Nobody is told before then; the alert is opened all the same.
  muted_until timestamptz,
  settings jsonb not null,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, kind)
);

-- When each rule was looked at; whoever holds its row is the only one who looks.
create table alert_turns (
  kind text primary key,
  evaluated_at timestamptz not null
);

-- What passes by, counted by minute, so that no rule has to read it again. Written every few seconds by each process; what
-- one had not written when it died is missing.
create table attempt_counts (
  destination_id uuid not null references destinations on delete cascade,
  minute timestamptz not null,
  attempts integer not null,
  failures integer not null,
  primary key (destination_id, minute)
);
create table refusal_counts (
  integration_id uuid not null references integrations on delete cascade,
  minute timestamptz not null,
  refused integer not null,
  -- Of these: signed too long ago, or in the future.
  untimely integer not null,
  primary key (integration_id, minute)
);
create index attempt_counts_age on attempt_counts (minute);
create index refusal_counts_age on refusal_counts (minute);

-- Dead letters by the time they were given up: an entry only for what failed and is still to be dealt with.
create index jobs_given_up on jobs (lane, finished_at) where kind = 'deliver' and status = 'failed' and closed_by is null and not shadow;

-- What was kept aside, for whoever asks how much of late.
create index events_parked on events (id) where status = 'parked';

create table alert_channels (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  kind text not null check (kind in ('slack', 'teams', 'email', 'webhook')),
  name text not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  -- What may be shown; the address and what is secret lie sealed.
  settings jsonb not null,
  sealed bytea not null,
  allow_cidrs text[] not null default '{}',
  -- Only of these rules; null: of all.
  rules text[],
  rate_per_hour integer not null check (rate_per_hour > 0),
  -- Notifications in a row that did not get through.
  failures integer not null default 0,
  last_error text,
  last_sent_at timestamptz,
  -- Notifications dropped over the rate since the last that got through.
  held_back integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index alert_channels_of on alert_channels (tenant_id, id);

create table alert_notifications (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  alert_id uuid not null references alerts on delete cascade,
  channel_id uuid not null references alert_channels on delete cascade,
  transition text not null check (transition in ('opened', 'resolved')),
  status text not null default 'queued' check (status in ('queued', 'sent', 'failed', 'dropped')),
  -- Also the end of the lease of whoever sends it.
  run_at timestamptz not null,
  attempts integer not null default 0,
  attempted_at timestamptz,
  last_error text,
  created_at timestamptz not null,
  finished_at timestamptz,
  -- Each is told once.
  unique (alert_id, channel_id, transition)
);
create index alert_notifications_due on alert_notifications (channel_id, run_at) where status = 'queued';
create index alert_notifications_rate on alert_notifications (channel_id, attempted_at) where attempted_at is not null;
