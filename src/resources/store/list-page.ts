/**
 * Paging shared by the lists: behind a cursor (the last id of the page before) or by skipping rows.
 */
import type { Uuid } from '../../base/model/ids.ts'

export interface ListPage {
  /** The ids the page before ended with, in the order the list is sorted by. */
  readonly after?: readonly Uuid[]
  readonly offset: number
  /** One more than is shown tells whether there is a next page; nothing is ever counted. */
  readonly limit: number
}
