/** Routes as commands read them; the API may say more. */
import type { Column } from './output.ts'

export interface RouteView {
  readonly id: string
  readonly integrationId: string
  readonly destinationId: string
  readonly version: number
  readonly eventTypes: readonly string[] | null
  readonly filter: string | null
  readonly transform: string | null
}

export const ROUTE_COLUMNS: readonly Column<RouteView>[] = [
  { title: 'ID', value: (row) => row.id },
  { title: 'FROM', value: (row) => row.integrationId },
  { title: 'TO', value: (row) => row.destinationId },
  { title: 'VERSION', value: (row) => row.version },
  { title: 'EVENT TYPES', value: (row) => row.eventTypes?.join(', ') ?? 'all' },
  { title: 'MADE BY', value: (row) => (row.transform === null ? null : 'a transform') },
  { title: 'FILTER', value: (row) => row.filter },
]
