-- How long what was received is kept, what must be kept longer, and what has been removed.

-- Without a row the installation's defaults hold. Null: for ever.
create table retention_settings (
  tenant_id uuid primary key references tenants,
  metadata_days integer check (metadata_days between 1 and 36500),
  payload_days integer check (payload_days between 1 and 36500),
  -- Of events that nobody has dealt with: dead letters and parked ones.
  undelivered_days integer check (undelivered_days between 1 and 36500),
  updated_at timestamptz not null,
  updated_by text not null,
  check (coalesce(payload_days, 36501) <= coalesce(metadata_days, 36501)),
  check (coalesce(metadata_days, 36501) <= coalesce(undelivered_days, 36501))
);

-- One row. Whoever removes holds it from reading the rules to the commit, and whoever changes the rules waits for it:
-- once a hold is set, nothing under it goes. `version` grows with each change.
create table retention_rules (
  only_one boolean primary key default true check (only_one),
  version bigint not null default 0,
  -- The schedule begins a day later, so that there is time to say how long what is already there is to be kept.
  since timestamptz not null default now()
);
insert into retention_rules default values;

-- Nothing of what a hold covers is removed: everything of the tenant that each of its conditions lets through.
create table legal_holds (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  integration_id uuid references integrations,
  -- By time of receipt.
  received_from timestamptz,
  received_before timestamptz,
  -- Only the events of `legal_hold_events`.
  listed boolean not null,
  reason text not null,
  created_at timestamptz not null,
  created_by text not null,
  lifted_at timestamptz,
  lifted_by text,
  lift_reason text
);
create index legal_holds_of on legal_holds (tenant_id, id);
create index legal_holds_in_force on legal_holds (tenant_id) where lifted_at is null;

create table legal_hold_events (
  hold_id uuid not null references legal_holds,
  event_id uuid not null,
  primary key (hold_id, event_id)
);

-- The payload went before the event did. Where the payloads of a day were dropped at once, `pruned_days` says so.
alter table events add column payload_purged_at timestamptz;

create table pruned_days (
  day date not null,
  part text not null check (part in ('payloads', 'quarantine', 'events')),
  at timestamptz not null,
  primary key (day, part)
);

-- What the trail's receipts need of events that went while others of their day stayed. `pruned_by` is the audit entry
-- that vouches for these rows; they go when their day does.
create table pruned_events (
  event_id uuid primary key,
  receipt_id uuid not null,
  body_sha256 bytea not null,
  pruned_by uuid not null
);
create index pruned_events_by on pruned_events (pruned_by);

create table prune_runs (
  id uuid primary key,
  -- Null: the schedule.
  tenant_id uuid references tenants,
  requested_by text not null,
  reason text,
  -- One run a day, however many workers there are.
  scheduled_for date unique,
  status text not null check (status in ('queued', 'running', 'completed')),
  created_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  -- Who runs it, and until when nobody else goes on with it.
  worker uuid,
  lease_until timestamptz,
  -- The last step that is done: part `done_part` of day `done_day`.
  done_day date,
  done_part text,
  -- The step that is under way, when it has been found that it goes in batches: it is not looked at as a whole again.
  batch_day date,
  batch_part text,
  -- Days that were due and stayed for the next run, because somebody was reading them.
  postponed integer not null default 0
);
create unique index prune_runs_one_at_a_time on prune_runs ((true)) where status <> 'completed';

create table prune_run_totals (
  run_id uuid not null references prune_runs on delete cascade,
  tenant_id uuid not null references tenants,
  kind text not null,
  rows bigint not null,
  bytes bigint not null,
  -- Of events: dead letters and parked ones.
  never_delivered bigint not null default 0,
  primary key (run_id, tenant_id, kind)
);

-- The day, in UTC, that an id was made on: the one its partition is named after.
create function id_day(id uuid) returns date language sql immutable strict as $$
  select ('1970-01-01'::date + (('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint / 86400000)::integer)
$$;

-- Drops a part of a day whole and writes down that it did. The locks it needs make everybody wait who comes after it,
-- so it waits for them no longer than a moment (55P03 then); it holds them for as long as the catalogue takes.
-- False: there is work under way, which was not there when the caller looked. Partitions are made for yesterday,
-- too, so that no day after the one before it may be dropped.
create function drop_day(which date, part text) returns boolean
language plpgsql security definer set search_path = postern, pg_temp set lock_timeout = '50ms' as $$
declare
  suffix text := to_char(which, '_YYYYMMDD');
  family text[] := case part
    when 'payloads' then array['event_payloads']
    when 'quarantine' then array['quarantine']
    when 'events' then array['events', 'event_payloads', 'jobs', 'delivery_attempts'] end;
  name text;
  busy boolean;
begin
  if family is null or which is null or which > (now() at time zone 'UTC')::date - 2 then
    raise exception 'no part of a day that may be dropped: % of %', part, which using errcode = 'invalid_parameter_value';
  end if;
  foreach name in array family loop
    execute format('lock table only %I in access exclusive mode', name);
  end loop;
  foreach name in array family loop
    if to_regclass(name || suffix) is not null then
      execute format('lock table %I in access exclusive mode', name || suffix);
    end if;
  end loop;
  -- A replay locks the event before it asks for the payload: it comes before this, and its job is seen below, or after.
  if part = 'payloads' and to_regclass('events' || suffix) is not null then
    execute format('lock table %I in exclusive mode', 'events' || suffix);
  end if;
  if part <> 'quarantine' and to_regclass('jobs' || suffix) is not null then
    -- Each as one of the partial indexes has it: nobody waits for a scan.
    execute format($q$select exists (select from %1$I where status = 'running')
      or exists (select from %1$I where status = 'queued' and held)
      or exists (select from %1$I where status = 'queued' and not held)$q$, 'jobs' || suffix) into busy;
    if busy then
      return false;
    end if;
  end if;
  foreach name in array family loop
    execute format('drop table if exists %I', name || suffix);
  end loop;
  insert into pruned_days (day, part, at) values (which, part, now()) on conflict do nothing;
  return true;
end $$;

revoke execute on function drop_day(date, text) from public;
