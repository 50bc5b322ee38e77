/**
 * What each alert rule looks for: one statement a rule over all tenants, `$1` what they ask for, `$2` now.
 *
 * None reads more when more passes by: counters hold a row a minute, of a queue one job of each share is read, of dead
 * letters no more than a bound, and of events only the newest few thousand.
 */
import type { AlertKind } from '../../base/model/alert.ts'
import type { AskedRule } from './alert-rules.ts'
import type { Condition } from './alerts.ts'
import type { Queryable } from './database.ts'
import { SHARE } from './jobs.ts'

export async function findConditions(
  db: Queryable,
  kind: AlertKind,
  asked: readonly AskedRule[],
  now: Date,
): Promise<readonly Condition[]> {
  if (asked.length === 0) return []
  const { rows } = await db.query<Condition>(STATEMENTS[kind], [
    JSON.stringify(asked.map(({ tenantId, settings }) => ({ tenantId, ...settings }))),
    now,
  ])
  return rows
}

/** The newest events, and no more of them: who sends little beside somebody who sends much may be missed. */
const NEWEST_EVENTS = 5_000
const MOST_DRIFTS = 10_000
const MOST_PARKED = 10_000

const asked = (...settings: readonly string[]) => askedAs('a', settings)
const askedAs = (alias: string, settings: readonly string[]) =>
  `jsonb_to_recordset($1::jsonb) as ${alias} ("tenantId" uuid${settings.map((name) => `, "${name}" integer`).join('')})`

const since = '$2::timestamptz - make_interval(mins => a."windowMinutes")'

const about = {
  destination: `a."tenantId", d.id as subject, d.id as "destinationId", null::uuid as "integrationId"`,
  integration: `a."tenantId", i.id as subject, null::uuid as "destinationId", i.id as "integrationId"`,
}

const STATEMENTS: Readonly<Record<AlertKind, string>> = {
  // By the primary key of the counters: as many rows a destination as the window has minutes.
  delivery_failures: `
    select ${about.destination},
      jsonb_build_object('attempts', c.attempts, 'failures', c.failures, 'windowMinutes', a."windowMinutes") as details
    from ${asked('percent', 'minAttempts', 'windowMinutes')}
    join destinations d on d.tenant_id = a."tenantId" and d.status = 'active' and not d.shadow
    cross join lateral (
      select sum(n.attempts) as attempts, sum(n.failures) as failures from attempt_counts n
      where n.destination_id = d.id and n.minute > ${since} and n.minute <= $2
    ) c
    where c.attempts >= a."minAttempts" and c.failures * 100 >= c.attempts * a.percent`,

  // Along jobs_given_up, in each day there is; a dead letter that is dealt with leaves that index.
  dead_letters: `
    select ${about.destination},
      jsonb_build_object('deadLetters', c.dead, 'windowMinutes', a."windowMinutes") as details
    from ${asked('count', 'windowMinutes')}
    join destinations d on d.tenant_id = a."tenantId"
    cross join lateral (
      select count(*) as dead from (
        select from jobs j where j.lane = d.id and j.finished_at > ${since}
          and j.kind = 'deliver' and j.status = 'failed' and j.closed_by is null and not j.shadow
        limit 1000
      ) as counted
    ) c
    where c.dead >= a.count`,

  /*
   * The oldest job of each share that has one, by the walks that claim them (jobs.ts, lane-claims.ts): a step along
   * jobs_shares or jobs_held for each share, however many jobs it has.
   */
  queue_age: `
    with recursive waiting as (
      (select k.kind, j.share, j.run_at from unnest(array['process', 'deliver']) as k (kind) cross join lateral (
        select ${SHARE} as share, run_at from jobs where status = 'queued' and not held and kind = k.kind order by 1, 2 limit 1
      ) j)
      union all
      select w.kind, n.share, n.run_at from waiting w cross join lateral (
        select ${SHARE} as share, run_at from jobs
        where status = 'queued' and not held and kind = w.kind and ${SHARE} > w.share order by 1, 2 limit 1
      ) n
    ), held as (
      (select ${SHARE} as share, run_at from jobs where status = 'queued' and held order by 1, 2 limit 1)
      union all
      select n.share, n.run_at from held w cross join lateral (
        select ${SHARE} as share, run_at from jobs
        where status = 'queued' and held and ${SHARE} > w.share order by 1, 2 limit 1
      ) n
    ), shares as (
      select share, run_at from waiting union all select share, run_at from held
    ), oldest as (
      select t.id as tenant_id, null::uuid as destination_id, s.run_at from shares s join tenants t on t.id = s.share
      union all
      select d.tenant_id, d.id, s.run_at from shares s
      join destinations d on d.id = s.share and d.status = 'active'
      left join destination_health h on h.destination_id = d.id
      where h.open_until is null
    )
    select a."tenantId", coalesce(o.destination_id, a."tenantId") as subject, o.destination_id as "destinationId", null::uuid as "integrationId",
      jsonb_build_object('oldestSeconds', floor(extract(epoch from $2::timestamptz - min(o.run_at)))) as details
    from ${asked('seconds')} join oldest o on o.tenant_id = a."tenantId"
    group by a."tenantId", a.seconds, o.destination_id
    having min(o.run_at) <= $2::timestamptz - make_interval(secs => a.seconds)`,

  // Along events_parked, which holds nothing else: the window is a range of its ids.
  parked_events: `
    with parked as materialized (
      select tenant_id, integration_id, status_reason, received_at from events
      where status = 'parked'
        and id > id_floor($2::timestamptz - make_interval(mins => (select max("windowMinutes") from ${asked('windowMinutes')})))
      order by id desc limit ${MOST_PARKED}
    )
    select ${about.integration},
      jsonb_build_object('parked', count(*), 'reasons', string_agg(distinct p.status_reason, ', '), 'windowMinutes', a."windowMinutes") as details
    from ${asked('count', 'windowMinutes')}
    join parked p on p.tenant_id = a."tenantId" and p.received_at > ${since} and p.status_reason <> 'unlisted_type'
    join integrations i on i.id = p.integration_id
    group by a."tenantId", a.count, a."windowMinutes", i.id
    having count(*) >= a.count`,

  // What is refused for its time is the other rule's: one cause, one alert.
  signature_failures: `
    select ${about.integration},
      jsonb_build_object('refused', c.refused, 'windowMinutes', a."windowMinutes") as details
    from ${asked('count', 'windowMinutes')}
    join integrations i on i.tenant_id = a."tenantId" and i.status = 'active'
    cross join lateral (
      select sum(n.refused - n.untimely) as refused from refusal_counts n
      where n.integration_id = i.id and n.minute > ${since} and n.minute <= $2
    ) c
    where c.refused >= a.count`,

  /*
   * The median, because one retry that keeps its first time says nothing about a clock. The newest events are read from
   * the end of the primary key; an index by integration would cost every event that is received.
   */
  clock_skew: `
    with newest as materialized (
      select tenant_id, integration_id, received_at, signed_at from events
      where id > id_floor($2::timestamptz - make_interval(mins => (select max("windowMinutes") from ${asked('windowMinutes')})))
      order by id desc limit ${NEWEST_EVENTS}
    )
    select ${about.integration},
      jsonb_build_object('medianSeconds', round(m.median::numeric), 'samples', m.samples, 'refused', coalesce(c.refused, 0),
        'windowMinutes', a."windowMinutes") as details
    from ${asked('seconds', 'minSamples', 'refused', 'windowMinutes')}
    join integrations i on i.tenant_id = a."tenantId" and i.status = 'active'
    cross join lateral (
      select sum(n.untimely) as refused from refusal_counts n
      where n.integration_id = i.id and n.minute > ${since} and n.minute <= $2
    ) c
    left join (
      select n.integration_id, b."tenantId", count(*) as samples,
        percentile_cont(0.5) within group (order by extract(epoch from n.received_at - n.signed_at)::float8) as median
      from newest n
      join ${askedAs('b', ['windowMinutes'])} on b."tenantId" = n.tenant_id
        and n.received_at > $2::timestamptz - make_interval(mins => b."windowMinutes")
      where n.signed_at is not null group by 1, 2
    ) m on m.integration_id = i.id
    where (m.samples >= a."minSamples" and abs(m.median) >= a.seconds) or c.refused >= a.refused`,

  /*
   * An inbound key without a successor is in use by anybody who still sends; one with a successor when it verified one of
   * the newest events. What ended less than that long ago and has no successor is told of as well.
   */
  secret_expiring: `
    with used as materialized (
      select distinct key_id from (
        select key_id from events where id > id_floor($2::timestamptz - interval '1 day') order by id desc limit ${NEWEST_EVENTS}
      ) newest
    )
    select a."tenantId", k.id as subject, null::uuid as "destinationId", k.integration_id as "integrationId",
      jsonb_build_object('secret', 'inbound', 'endsAt', k.not_after, 'successor', s.successor) as details
    from ${asked('hours')}
    join integrations i on i.tenant_id = a."tenantId" and i.status = 'active'
    join integration_keys k on k.integration_id = i.id and k.revoked_at is null
      and k.not_after <= $2::timestamptz + make_interval(hours => a.hours)
      and k.not_after > $2::timestamptz - make_interval(hours => a.hours)
    cross join lateral (
      select exists (
        select from integration_keys o
        where o.integration_id = k.integration_id and o.id <> k.id and o.revoked_at is null and o.slot is not distinct from k.slot
          and (o.not_before is null or o.not_before <= k.not_after) and (o.not_after is null or o.not_after > k.not_after)
      ) as successor
    ) s
    where not s.successor or (k.not_after > $2 and k.id in (select key_id from used))
    union all
    select a."tenantId", k.id, d.id, null,
      jsonb_build_object('secret', 'signing', 'endsAt', k.not_after, 'successor', true)
    from ${asked('signingHours')}
    join destinations d on d.tenant_id = a."tenantId" and d.status = 'active'
    join destination_signing_keys k on k.destination_id = d.id and k.known
      and k.not_after > $2 and k.not_after <= $2::timestamptz + make_interval(hours => a."signingHours")
    where exists (
      select from attempt_counts n where n.destination_id = d.id and n.minute > $2::timestamptz - interval '1 day'
    )`,

  // The ids of drifts are made when they are found: the window is a range of the primary key.
  schema_drift: `
    with recent as materialized (
      select tenant_id, schema_id, found_at from schema_drifts
      where id > id_floor($2::timestamptz - make_interval(mins => (select max("windowMinutes") from ${asked('windowMinutes')})))
      order by id desc limit ${MOST_DRIFTS}
    )
    select a."tenantId", s.integration_id as subject, null::uuid as "destinationId", s.integration_id as "integrationId",
      jsonb_build_object('changes', count(*), 'eventTypes', count(distinct s.id), 'windowMinutes', a."windowMinutes") as details
    from ${asked('count', 'windowMinutes')}
    join recent r on r.tenant_id = a."tenantId" and r.found_at > ${since}
    join event_schemas s on s.id = r.schema_id
    group by a."tenantId", a.count, a."windowMinutes", s.integration_id
    having count(*) >= a.count`,

  circuit_open: `
    select ${about.destination},
      jsonb_build_object('failures', h.failures, 'failingSince', h.failing_since) as details
    from ${asked('minutes')}
    join destinations d on d.tenant_id = a."tenantId" and d.status = 'active'
    join destination_health h on h.destination_id = d.id
    where h.open_until is not null and h.failing_since <= $2::timestamptz - make_interval(mins => a.minutes)`,

  // Without a reason it was somebody who did it, and knows. Every statement is given the time, also this one.
  destination_disabled: `
    select ${about.destination}, jsonb_build_object('reason', d.disabled_reason) as details
    from ${asked()}
    join destinations d on d.tenant_id = a."tenantId" and d.status = 'disabled' and d.disabled_reason is not null
    where $2::timestamptz is not null`,

  // Runs are one a day, and those that somebody asked for.
  undelivered_pruned: `
    select a."tenantId", a."tenantId" as subject, null::uuid as "destinationId", null::uuid as "integrationId",
      jsonb_build_object('events', r.events, 'windowMinutes', a."windowMinutes") as details
    from ${asked('count', 'windowMinutes')}
    cross join lateral (
      select sum(t.never_delivered)::bigint as events from prune_run_totals t join prune_runs p on p.id = t.run_id
      where t.tenant_id = a."tenantId" and (p.finished_at is null or p.finished_at > ${since})
    ) r
    where r.events >= a.count`,
}
