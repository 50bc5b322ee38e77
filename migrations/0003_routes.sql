-- Destinations stand on their own, and any number of integrations lead to any number of them.

alter table destinations
  add column name text,
  -- Delivered to, never tried again, never counted in what becomes of an event.
  add column shadow boolean not null default false,
  drop constraint destinations_status_check,
  add constraint destinations_status_check check (status in ('active', 'paused', 'disabled'));
update destinations d set name = coalesce(
  (select i.name from routes r join integrations i on i.id = r.integration_id where r.destination_id = d.id order by r.id limit 1), 'destination');
alter table destinations alter column name set not null;
create index destinations_of on destinations (tenant_id, id);

-- A signing key is a row of its own, so that a new one is introduced while receivers still check the old one. The
-- envelope of a key is bound to the id of its row: the keys there are keep the id they were sealed for.
create table destination_signing_keys (
  id uuid primary key,
  tenant_id uuid not null references tenants,
  destination_id uuid not null references destinations on delete cascade,
  -- Standard Webhooks: v1 is HMAC-SHA256, v1a is Ed25519.
  scheme text not null check (scheme in ('v1', 'v1a')),
  sealed bytea not null,
  -- Whether anybody outside was ever given it; a key nobody knows need not go on signing beside its successor.
  known boolean not null default true,
  created_at timestamptz not null default now(),
  -- Signs beside its successors until then.
  not_after timestamptz
);
create index destination_signing_keys_of on destination_signing_keys (destination_id);
insert into destination_signing_keys (id, tenant_id, destination_id, scheme, sealed, created_at)
  select id, tenant_id, id, 'v1', signing_key_sealed, created_at from destinations;
alter table destinations drop column signing_key_sealed;

-- What a route lets through, and as what. A change makes a new version, and a delivery names the one it was made under.
alter table routes
  add column version integer not null default 1,
  add column event_types text[],
  add column filter text,
  add column transform text,
  add column updated_at timestamptz not null default now();
create index routes_to on routes (destination_id);

-- Kept when the route goes: deliveries refer to them.
create table route_versions (
  route_id uuid not null,
  version integer not null,
  tenant_id uuid not null references tenants,
  event_types text[],
  filter text,
  transform text,
  changed_by text not null,
  created_at timestamptz not null default now(),
  primary key (route_id, version)
);
insert into route_versions (route_id, version, tenant_id, changed_by, created_at)
  select id, 1, tenant_id, 'setup', created_at from routes;

alter table jobs
  add column route_id uuid,
  add column route_version integer,
  add column shadow boolean not null default false;

-- Events that led nowhere, for whoever looks for them.
create index events_unrouted on events (id) where status_reason in ('no_destination', 'no_match');
