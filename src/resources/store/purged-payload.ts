/** When the payload of an event was removed by age: by itself, or with all payloads of its day. */

/** SQL, of the row `e` of `events`; null while it is there. */
export const PURGED_AT = `coalesce(e.payload_purged_at,
  (select d.at from pruned_days d where d.part = 'payloads' and d.day = id_day(e.id)))`
