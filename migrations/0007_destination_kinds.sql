-- A destination may be a message broker or a table: where in it, beside the address that leads to it.
alter table destinations
  add column kind text not null default 'http' check (kind in ('http', 'rabbitmq', 'nats', 'redis', 'postgres')),
  add column settings jsonb not null default '{}';
