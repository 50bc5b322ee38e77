-- The schema of Postern, in its own namespace so that it can share a database.
--
-- Ids are UUIDv7, so time is their first 48 bits. The big tables (the "event family") are cut into days by
-- range on the event id itself: a look-up by id touches one partition, a whole day of the family is dropped at
-- once, and there is no default partition that would quietly collect what belongs nowhere.

-- Identity -----------------------------------------------------------------------------------------------

create table tenants (
  id uuid primary key,
  name text not null unique,
  created_at timestamptz not null default now()
);

insert into tenants (id, name) values ('00000000-0000-7000-8000-000000000001', 'default');

-- Who acts. Audit entries and replays name a principal, never what a request body claims.
create table principals (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  kind text not null check (kind in ('root', 'key', 'session', 'system')),
  name text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  unique (tenant_id, name)
);

insert into principals (id, tenant_id, kind, name) values
  ('00000000-0000-7000-8000-000000000010', '00000000-0000-7000-8000-000000000001', 'root', 'root'),
  ('00000000-0000-7000-8000-000000000011', '00000000-0000-7000-8000-000000000001', 'system', 'ingress'),
  ('00000000-0000-7000-8000-000000000012', '00000000-0000-7000-8000-000000000001', 'system', 'worker'),
  ('00000000-0000-7000-8000-000000000013', '00000000-0000-7000-8000-000000000001', 'system', 'setup');

-- What may come in and where it goes ---------------------------------------------------------------------

create table integrations (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  provider text not null,
  name text not null,
  status text not null check (status in ('active', 'pending', 'disabled')),
  is_default boolean not null default false,
  scheme text,
  public_url text,
  settings jsonb not null default '{}',
  tolerance_seconds integer check (tolerance_seconds > 0),
  max_body_bytes integer not null check (max_body_bytes > 0),
  rate_limit_per_minute integer not null check (rate_limit_per_minute > 0),
  event_types text[],
  unlisted_policy text not null default 'park' check (unlisted_policy in ('park', 'refuse')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (tenant_id, provider, name)
);

-- The one that answers at /api/v1/webhooks/:provider without an id.
create unique index integrations_default on integrations (tenant_id, provider) where is_default;

-- Inbound keys: several per integration, each with its validity window, so that a secret rotates with overlap.
-- `sealed` is an encrypted envelope, `reference` names an environment variable or a file; never plain text.
create table integration_keys (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  integration_id uuid not null references integrations on delete cascade,
  reference text,
  sealed bytea,
  not_before timestamptz,
  not_after timestamptz,
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  check ((reference is null) <> (sealed is null))
);
create index integration_keys_of on integration_keys (integration_id);

create table destinations (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  url text not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  disabled_reason text,
  allow_cidrs text[] not null default '{}',
  timeout_ms integer not null check (timeout_ms > 0),
  retry jsonb not null,
  signing_key_sealed bytea not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table routes (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  integration_id uuid not null references integrations on delete cascade,
  destination_id uuid not null references destinations on delete cascade,
  created_at timestamptz not null default now(),
  unique (integration_id, destination_id)
);

-- The event family, cut by day ---------------------------------------------------------------------------

create table events (
  id uuid not null primary key,
  tenant_id uuid not null,
  integration_id uuid not null,
  provider text not null,
  type text,
  external_id text,
  status text not null check (status in ('pending', 'processing', 'processed', 'retrying', 'failed', 'parked')),
  status_reason text,
  received_at timestamptz not null,
  correlation_id uuid not null,
  source_ip inet not null,
  scheme text not null,
  key_id uuid not null,
  coverage text not null,
  signed_at timestamptz,
  body_sha256 bytea not null,
  body_bytes integer not null,
  receipt_id uuid not null,
  conflict_of uuid,
  subject text,
  occurred_at timestamptz,
  processed_at timestamptz,
  last_error text
) partition by range (id) ;

-- What needs somebody's attention is found without reading what does not.
create index events_attention on events (id) where status in ('retrying', 'failed', 'parked');

-- The request as it came: exact bytes, ordered headers (secrets removed, signature kept), method and target.
create table event_payloads (
  event_id uuid not null primary key,
  method text not null,
  target text not null,
  content_type text,
  headers text not null,
  body bytea not null
) partition by range (event_id);
-- Compressing costs more processor time than the disk is worth on the way in.
alter table event_payloads alter column body set storage external;

-- Work. `fence` grows with each claim and every later write of the claimer repeats it: a worker that was
-- stopped past its lease finds its number outdated and writes nothing.
create table jobs (
  event_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  kind text not null check (kind in ('process', 'deliver')),
  -- What must not run twice at one time for one event: nil for processing, else the destination.
  lane uuid not null,
  triggered_by text not null check (triggered_by in ('webhook', 'replay')),
  replay_id uuid,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed')),
  run_at timestamptz not null,
  attempts integer not null default 0,
  fence integer not null default 0,
  worker uuid,
  lease_until timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  last_error text,
  primary key (event_id, id)
) partition by range (event_id);
-- By kind: a backlog of deliveries must not stand in front of the events still to be processed.
create index jobs_ready on jobs (kind, run_at) where status = 'queued';
create index jobs_leased on jobs (lease_until) where status = 'running';
-- The event lock: two workers cannot hold the same event in the same lane, whatever their clocks say.
create unique index jobs_one_at_a_time on jobs (event_id, lane) where status = 'running';

create table delivery_attempts (
  event_id uuid not null,
  id uuid not null,
  tenant_id uuid not null,
  job_id uuid not null,
  destination_id uuid not null,
  attempt_no integer not null check (attempt_no > 0),
  status text not null check (status in ('success', 'failed')),
  outcome text not null,
  http_status integer,
  response_body bytea,
  error text,
  started_at timestamptz not null,
  duration_ms integer not null,
  primary key (event_id, id),
  unique (event_id, destination_id, attempt_no)
) partition by range (event_id);

-- What failed verification, kept for inspection within bounds. Cut by its own id.
create table quarantine (
  id uuid not null primary key,
  tenant_id uuid not null,
  integration_id uuid not null,
  reason text not null,
  received_at timestamptz not null,
  source_ip inet not null,
  method text not null,
  target text not null,
  headers text not null,
  body bytea not null,
  body_bytes integer not null
) partition by range (id);
create index quarantine_of on quarantine (integration_id, id);

-- What was seen before. One table for all days, because a copy may arrive on the other side of midnight; the
-- key is a fixed-width digest of (integration, signed identity) and rows are pruned by the age of their event.
create table dedupe_keys (
  key uuid primary key,
  event_id uuid not null,
  -- Digest of body and type: the same key with another one is a conflict, not a copy.
  fingerprint uuid not null
);
create index dedupe_keys_age on dedupe_keys using brin (event_id);

create table replays (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  event_id uuid not null,
  requested_by uuid not null references principals,
  note text,
  reason text not null,
  status text not null check (status in ('queued', 'dispatched', 'completed', 'failed')),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  last_error text
);
create index replays_of on replays (event_id);
-- One replay of an event at a time: two asked for together cannot both be under way.
create unique index replays_one_at_a_time on replays (event_id) where status in ('queued', 'dispatched');

-- Days ---------------------------------------------------------------------------------------------------

create function id_floor(at timestamptz) returns uuid language sql immutable strict as $$
  select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Makes the partitions of every day from `first` to `last` that are missing. A table is made beside its parent
-- and then attached, because creating it as a partition would lock out every reader and writer of the parent.
create function ensure_partitions(first date, last date) returns integer
language plpgsql security definer set search_path = postern, pg_temp as $$
declare
  family record;
  day date;
  partition text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('postern.ensure_partitions'));
  for day in select generate_series(first, last, interval '1 day')::date loop
    for family in select * from (values ('events'), ('event_payloads'), ('jobs'), ('delivery_attempts'), ('quarantine')) as t (name) loop
      partition := family.name || '_' || to_char(day, 'YYYYMMDD');
      if to_regclass('postern.' || partition) is not null then
        continue;
      end if;
      execute format('create table %I (like %I including all)', partition, family.name);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', family.name, partition,
        id_floor(day::timestamp at time zone 'UTC'), id_floor((day + 1)::timestamp at time zone 'UTC'));
      made := made + 1;
    end loop;
  end loop;
  return made;
end $$;

select ensure_partitions((now() at time zone 'UTC')::date - 1, (now() at time zone 'UTC')::date + 7);

-- Audit trail --------------------------------------------------------------------------------------------

-- A chain has one writer at a time, so that appending waits for nobody: one for management, one for each
-- connection of the hot path. Every chain is opened by an entry in the management chain.
create table audit_chains (
  id uuid primary key,
  writer text not null,
  opened_at timestamptz not null default now(),
  seq bigint not null default 0,
  head bytea not null default decode(repeat('00', 32), 'hex')
);

create table audit_entries (
  id uuid primary key,
  chain_id uuid not null references audit_chains,
  seq bigint not null,
  at timestamptz not null,
  tenant_id uuid,
  actor text not null,
  action text not null,
  entity_type text not null,
  entity_id uuid,
  -- JSON, kept as text: these exact bytes are part of the hash.
  details text not null,
  -- Digest of the rows this entry vouches for, when there are any.
  digest bytea,
  hash bytea not null,
  unique (chain_id, seq)
);
create index audit_entries_entity on audit_entries (entity_id) where entity_id is not null;

-- Heads of all chains at one time, signed; what was cut off after a checkpoint is missed by its hash.
create table audit_checkpoints (
  id uuid primary key,
  at timestamptz not null,
  heads text not null,
  public_key bytea not null,
  signature bytea not null
);

create function audit_field(value bytea) returns bytea language sql immutable as $$
  select int4send(coalesce(octet_length(value), -1)) || coalesce(value, ''::bytea)
$$;

create function audit_hash(previous bytea, seq bigint, id uuid, at timestamptz, tenant uuid, actor text, action text,
  entity_type text, entity uuid, details text, digest bytea) returns bytea language sql immutable as $$
  select sha256(previous || int8send(seq) || uuid_send(id) || int8send((extract(epoch from at) * 1000)::bigint)
    || audit_field(uuid_send(tenant)) || audit_field(convert_to(actor, 'UTF8')) || audit_field(convert_to(action, 'UTF8'))
    || audit_field(convert_to(entity_type, 'UTF8')) || audit_field(uuid_send(entity))
    || audit_field(convert_to(details, 'UTF8')) || audit_field(digest))
$$;

-- Appends one entry in the caller's transaction. The chain's row is locked until that transaction ends.
create function audit_append(chain uuid, entry uuid, tenant uuid, actor text, action text, entity_type text,
  entity uuid, details text, digest bytea) returns uuid
language plpgsql security definer set search_path = postern, pg_temp as $$
declare
  head record;
  moment timestamptz := date_trunc('milliseconds', clock_timestamp());
  hashed bytea;
begin
  select c.seq + 1 as seq, c.head as previous into strict head from audit_chains c where c.id = chain for update;
  hashed := audit_hash(head.previous, head.seq, entry, moment, tenant, actor, action, entity_type, entity, details, digest);
  update audit_chains c set seq = head.seq, head = hashed where c.id = chain;
  insert into audit_entries (id, chain_id, seq, at, tenant_id, actor, action, entity_type, entity_id, details, digest, hash)
  values (entry, chain, head.seq, moment, tenant, actor, action, entity_type, entity, details, digest, hashed);
  return entry;
end $$;

create function audit_refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the audit trail is append-only' using errcode = 'insufficient_privilege';
end $$;

create trigger audit_entries_append_only before update or delete on audit_entries
  for each row execute function audit_refuse();
create trigger audit_entries_no_truncate before truncate on audit_entries
  for each statement execute function audit_refuse();
create trigger audit_checkpoints_append_only before update or delete on audit_checkpoints
  for each row execute function audit_refuse();
create trigger audit_checkpoints_no_truncate before truncate on audit_checkpoints
  for each statement execute function audit_refuse();

-- The management chain.
insert into audit_chains (id, writer) values ('00000000-0000-7000-8000-000000000020', 'management');

-- Privileges ---------------------------------------------------------------------------------------------

revoke update, delete, truncate on audit_entries, audit_checkpoints from public;
revoke execute on function audit_append(uuid, uuid, uuid, text, text, text, uuid, text, bytea), ensure_partitions(date, date) from public;
