/**
 * A fixer: from what the analysis knows of one fault to a change of the text, or nothing where it would have to guess.
 *
 * A fixer need not be sure: every draft is applied in memory and the project examined again before anybody sees it
 * (`offer.ts`). What that examination cannot see, such as the type of a value, a fixer has to know.
 */

import type { ClassifiedSurface } from '../classify.ts'
import type { Place } from '../flow/facts.ts'
import type { Draft } from './edits.ts'
import type { SourceFile } from './source-file.ts'

export interface Fault {
  readonly rule: string
  readonly at: Place
  readonly surface: ClassifiedSurface
}

/** Files of the examined tree; `undefined` for every other. */
export interface Sources {
  (file: string): SourceFile | undefined
  /** Whether the `package.json` nearest above a file lists a package. */
  readonly installed: (file: string, name: string) => boolean
}

/** The best first: the next is tried when that one does not hold. */
export type Fixer = (fault: Fault, sources: Sources) => readonly Draft[]
